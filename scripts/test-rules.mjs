/**
 * `npm run test:rules`: tests the Prometheus rules of `deploy/`, by themselves and against a running worker, and the
 * expressions of the dashboard.
 *
 * The last line is `N passed, N failed`. If promtool is missing, fails and names the package that has it.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from './build.mjs';
import { check, checkByJest, exitCode } from './checks.mjs';
import { run } from './child.mjs';
import { inRoot } from './project.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle } from './terminal.mjs';

if (await check('promtool', findPromtool)) {
  await check('the rules are valid', () =>
    promtool('check', 'rules', 'deploy/prometheus-rules.yml'),
  );
  await check('each alert fires with its fault, and is silent without', () =>
    promtool('test', 'rules', 'test/rules/prometheus-rules.yml'),
  );
  await check('the expressions of the dashboard are valid', checkDashboard);
  if (await check('set-up', setUp)) {
    await check('build', build);
    await checkByJest(['--config', 'test/rules/jest.config.cjs', ...process.argv.slice(2)]);
  }
}
process.exitCode = exitCode();

async function findPromtool() {
  const { code } = await run('sh', ['-c', 'command -v promtool']);
  if (code === 0) return;
  throw new Obstacle(
    'These tests need promtool, which is not on PATH. Install it, on Debian by `apt-get install prometheus`.',
  );
}

/** @param {string[]} args */
async function promtool(...args) {
  const { code, output } = await run('promtool', args);
  if (code !== 0) throw new Obstacle(output.trim());
}

/** promtool checks no dashboard, so its expressions become rules. */
async function checkDashboard() {
  const { panels } = JSON.parse(await readFile(inRoot('deploy/grafana-dashboard.json'), 'utf8'));
  const rules = panels.flatMap((/** @type {{ targets?: { expr: string }[] }} */ { targets = [] }) =>
    targets.map(({ expr }, index) => ({ record: `panel:${index}`, expr })),
  );
  if (rules.length === 0) throw new Obstacle('the dashboard has no expression');
  const folder = await mkdtemp(path.join(tmpdir(), 'rules-'));
  try {
    const file = path.join(folder, 'dashboard.yml');
    // JSON is YAML.
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    await promtool('check', 'rules', file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
