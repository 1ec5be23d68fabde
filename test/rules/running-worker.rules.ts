import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { restartId } from '../../src/domain/ids.js';
import type { Metrics } from '../e2e/metrics-text.js';
import { startObservedWorker, type ObservedWorker } from '../e2e/observed-worker.js';
import { endOf, eventually } from '../setup/stage.js';

const RULES = path.resolve(__dirname, '../../deploy/prometheus-rules.yml');
const OTHER_PROJECT = 'b'.repeat(32);
const LAST_POLL = 'modelarts_last_poll_timestamp_seconds';
const FAILED_TASKS = 'temporal_workflow_task_execution_failed_total';

/** Prometheus asks every 30 s of its own time, and finds one scrape for so many of its questions. */
const STEP_SECONDS = 30;
const STEPS_PER_SCRAPE = 10;

let observed: ObservedWorker;
let folder: string;
beforeAll(async () => {
  observed = await startObservedWorker();
  folder = mkdtempSync(path.join(tmpdir(), 'alerts-'));
});
afterAll(async () => {
  await observed.close();
  rmSync(folder, { recursive: true });
});

/** What a worker exported at an instant, and how old its last poll was then. */
interface Scrape {
  metrics: Metrics;
  pollAgeSeconds: number;
}

async function scrape(): Promise<Scrape> {
  const metrics = await observed.scrape();
  return { metrics, pollAgeSeconds: Date.now() / 1_000 - metrics.sum(LAST_POLL) };
}

/** The series of all scrapes one after the other, each for five minutes, in promtool's notation. */
function seriesOf(scrapes: readonly Scrape[]): { series: string; values: string }[] {
  const values = new Map<string, string[]>();
  const length = scrapes.length * STEPS_PER_SCRAPE;
  for (const [index, { metrics, pollAgeSeconds }] of scrapes.entries()) {
    for (const [name, samples] of metrics.all) {
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
          const shown = name === LAST_POLL ? step * STEP_SECONDS - pollAgeSeconds : value;
          all[step] = shown === Infinity ? 'inf' : String(shown);
        }
        values.set(key, all);
      }
    }
  }
  return [...values].map(([series, all]) => ({ series, values: `${all.join(' ')} stale` }));
}

/** The alerts that fire at these minutes of promtool's time, by promtool's own words. */
function expectAlerts(scrapes: readonly Scrape[], expected: Record<string, string[]>): void {
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
  const file = path.join(folder, 'tests.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(tests));
  const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain('SUCCESS');
}

it('each alert fires with its fault in a running worker, and is silent before', async () => {
  const { env, simulator, start, taskQueue, worker } = observed;
  const restart = async (jobId: string) => endOf(await start(jobId));
  simulator.addJob({ jobId: '1', status: 12 });
  await restart('1');
  await observed.until('readyz', 200);
  const quiet = await eventually(async () => {
    const now = await scrape();
    // The gauges are set every few seconds.
    const isPolled = now.pollAgeSeconds < 70;
    return isPolled && now.metrics.sum('modelarts_restarts_total') === 1 ? now : undefined;
  });

  // ModelArts throttles another project while a job of it is waited for, and time passes.
  simulator.addJob({ jobId: '2', projectId: OTHER_PROJECT, status: 7 });
  const late = { code: 'ModelArts.2799', status: 429, when: 'before', retryAfter: 300 } as const;
  simulator.fault({ jobId: '2', operation: 'detail', kind: 'status', after: 1, ...late });
  const waiting = await env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(OTHER_PROJECT, '2'),
    args: [{ jobId: '2', projectId: OTHER_PROJECT, ifRunning: 'attach', pollInterval: '1s' }],
  });
  await eventually(async () =>
    (await observed.scrape()).sum('modelarts_throttle_pause_seconds') > 0 ? true : undefined,
  );
  worker.process.kill('SIGUSR2');

  // A request is lost, credentials are refused, restarts are refused, and a task can't be read.
  for (const jobId of ['3', '4']) simulator.addJob({ jobId, status: 12 });
  simulator.fault({ jobId: '3', operation: 'restart', kind: 'request-lost' });
  const denied = { code: 'ModelArts.0206', message: 'no', status: 401 };
  simulator.fault({ jobId: '4', operation: 'detail', kind: 'refuse', ...denied });
  const isUp = ['5', '6', '7', '8', '9', '10'];
  for (const jobId of isUp) simulator.addJob({ jobId, status: 8 });
  // The calls after the refusal show that the credentials are taken again.
  await restart('4');
  const ends = await Promise.all(['3', ...isUp].map(restart));
  expect(ends[0]).toMatchObject({ outcome: { outcome: 'unknown' } });
  const unreadable = { metadata: { encoding: Buffer.from('binary/odd') }, data: Buffer.of(1) };
  const stuck = `unreadable-${taskQueue}`;
  await env.client.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId: stuck,
    requestId: stuck,
    workflowType: { name: 'restartVisualizationJob' },
    taskQueue: { name: taskQueue },
    input: { payloads: [unreadable] },
  });

  const faulty: Scrape[] = [];
  for (let failed = 0; faulty.length < 3;) {
    const next = await eventually(async () => {
      const now = await scrape();
      const isNews = now.metrics.sum(FAILED_TASKS) > failed && now.pollAgeSeconds < 70;
      const isLate = now.metrics.sum('modelarts_oldest_look_overdue_seconds') > 60;
      return isNews && isLate ? now : undefined;
    });
    failed = next.metrics.sum(FAILED_TASKS);
    faulty.push(next);
  }
  await Promise.all([waiting.terminate(), env.client.workflow.getHandle(stuck).terminate()]);

  // Quiet for 10 minutes, then 15 minutes with the faults, then the worker is gone.
  expectAlerts([quiet, quiet, ...faulty], {
    '9m30s': [],
    // Five minutes are not over, in which looks are late or tasks fail.
    '12m': [
      'RestarterAnswerLost',
      'RestarterIsDenied',
      'RestarterOutcomeUnknown',
      'RestartsDoNotComeUp',
    ],
    // The refusal is ten minutes ago.
    '20m30s': [
      'RestarterAnswerLost',
      'RestarterLooksLate',
      'RestarterOutcomeUnknown',
      'RestarterTasksFail',
      'RestartsDoNotComeUp',
    ],
    '28m': ['RestarterDoesNotPoll'],
  });
}, 180_000);
