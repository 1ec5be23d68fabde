import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Metrics } from '../e2e/metrics-text.js';
import type { ObservedWorker } from '../e2e/observed-worker.js';

const RULES = path.resolve(__dirname, '../../deploy/prometheus-rules.yml');
const LAST_POLL = 'modelarts_last_poll_timestamp_seconds';
const EXPIRY = 'modelarts_credentials_expiry_timestamp_seconds';

/** Prometheus asks every 30 s of its own time, and finds one scrape for so many of its questions. */
const STEP_SECONDS = 30;
const STEPS_PER_SCRAPE = 10;

/** What a worker exported at an instant, how old its last poll was then, and how long its credentials lived. */
export interface Scrape {
  metrics: Metrics;
  pollAgeSeconds: number;
  lifeSeconds: number;
}

export async function scrape(observed: ObservedWorker): Promise<Scrape> {
  const metrics = await observed.scrape();
  const now = Date.now() / 1_000;
  return {
    metrics,
    pollAgeSeconds: now - metrics.sum(LAST_POLL),
    lifeSeconds: metrics.sum(EXPIRY) - now,
  };
}

/** The series of all scrapes one after the other, each for five minutes, in promtool's notation. */
function seriesOf(scrapes: readonly Scrape[]): { series: string; values: string }[] {
  const values = new Map<string, string[]>();
  const length = scrapes.length * STEPS_PER_SCRAPE;
  for (const [index, one] of scrapes.entries()) {
    // A scrape that is repeated shows the same end of the credentials: they have not been renewed.
    const firstStep = scrapes.indexOf(one) * STEPS_PER_SCRAPE;
    for (const [name, samples] of one.metrics.all) {
      for (const { labels, value } of samples) {
        const pairs = Object.entries({ ...labels, job: 'w', instance: 'i' });
        const key = `${name}{${pairs.map(([label, of]) => `${label}="${of}"`).join(',')}}`;
        const all = values.get(key) ?? Array.from({ length }, () => '_');
        for (
          let step = index * STEPS_PER_SCRAPE;
          step < (index + 1) * STEPS_PER_SCRAPE;
          step += 1
        ) {
          // promtool's time begins at 0.
          const shown =
            name === LAST_POLL
              ? step * STEP_SECONDS - one.pollAgeSeconds
              : name === EXPIRY
                ? firstStep * STEP_SECONDS + one.lifeSeconds
                : value;
          all[step] = shown === Infinity ? 'inf' : String(shown);
        }
        values.set(key, all);
      }
    }
  }
  return [...values].map(([series, all]) => ({ series, values: `${all.join(' ')} stale` }));
}

/** Expects exactly these alerts to fire at these minutes of promtool's time, by promtool's own words. */
export function expectAlerts(scrapes: readonly Scrape[], expected: Record<string, string[]>): void {
  const tests = {
    rule_files: [RULES],
    evaluation_interval: `${STEP_SECONDS}s`,
    tests: [
      {
        interval: `${STEP_SECONDS}s`,
        input_series: seriesOf(scrapes),
        promql_expr_test: Object.entries(expected).map(([at, names]) => ({
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: at,
          exp_samples: names.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
        })),
      },
    ],
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'alerts-'));
  const file = path.join(folder, 'tests.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(tests));
  const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(`${stdout}${stderr}`).toContain('SUCCESS');
}
