import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, sectionOf, textOf } from './pages.js';

/* promtool tests what the alerts do: `npm run test:rules`. */

const RULES = textOf('deploy/prometheus-rules.yml');
const TESTS = textOf('test/rules/prometheus-rules.yml');
const OPERATIONS = textOf('docs/operations.md');

const alerts = RULES.split(/^ +- alert: /m)
  .slice(1)
  .map((text) => ({ name: /^\w+/.exec(text)![0], text }));

it('there are alerts for all that the runbook tells of, and no others', () => {
  expect(alerts.length).toBeGreaterThan(8);
  const after = OPERATIONS.slice(OPERATIONS.search(/^## Alerts$/m) + 3);
  const runbook = after.slice(0, after.search(/^## /m));
  const headings = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading!);
  expect(headings).toEqual(alerts.map(({ name }) => name));
});

it.each(alerts)(
  '$name has its severity, its sentence and its runbook, and promtool tests it',
  ({ name, text }) => {
    expect(text).toMatch(/severity: (page|warn)\b/);
    expect(text).toMatch(/summary: .+\.$/m);
    expect(text).toContain(`runbook: docs/operations.md#${name.toLowerCase()}\n`);
    expect(sectionOf(OPERATIONS, name).trim().length).toBeGreaterThan(60);
    const fires = new RegExp(String.raw`alertname: ${name}\n +exp_alerts:`);
    expect(TESTS).toMatch(fires);
  },
);

it('the dashboard is one, with an expression in each panel', () => {
  const file = path.join(ROOT, 'deploy/grafana-dashboard.json');
  expect(existsSync(file)).toBe(true);
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as {
    panels: { id: number; type: string; title: string; targets?: { expr: string }[] }[];
  };
  const shown = panels.filter(({ type }) => type !== 'row');
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.filter(({ targets = [] }) => !targets[0]?.expr)).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
