import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { restartId } from '../../src/domain/ids.js';
import { codeIn, rowsIn, sectionOf, textOf } from '../docs/pages.js';
import { type End, endOf, eventually } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { ourMetricsIn } from './metrics-text.js';
import { SECRET, startObservedWorker, type ObservedWorker } from './observed-worker.js';
import { startWorkerProcess } from './worker-process.js';

/** Absent here, because an access key has no end. */
const EXPIRY = 'modelarts_credentials_expiry_timestamp_seconds';

/** Nothing else in the metrics has these digits. */
const JOB_ID = '9007199254740993';

let observed: ObservedWorker;
beforeAll(async () => {
  observed = await startObservedWorker(({ projectId }) => ({
    LOG_LEVEL: 'debug',
    MODELARTS_RATE_LIMIT: '1000/1m',
    MODELARTS_ALLOWED_PROJECTS: projectId,
    MODELARTS_ALLOW_STOP: 'false',
  }));
});
afterAll(() => observed.close());

it('takes its limits from the environment', async () => {
  const { env, simulator, taskQueue, start } = observed;
  simulator.addJob({ jobId: '1', status: 12 });
  const stop = await endOf(await start('1', { ifRunning: 'stop' }));
  expect(stop).toMatchObject({ type: 'InvalidInput' });
  const elsewhere = { projectId: 'b'.repeat(32), jobId: '1' };
  const other = await env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(elsewhere.projectId, '1'),
    args: [elsewhere],
  });
  expect(await endOf(other)).toMatchObject({ type: 'InvalidInput' });
});

it('logs who asked for a restart and why, and counts the restart once, whoever joins', async () => {
  const { env, simulator, worker, taskQueue, scrape, health, start } = observed;
  const starting = [{ afterMs: 0, status: 7 }];
  simulator.addJob({ jobId: JOB_ID, status: 12, timelines: { restart: starting } });
  const restart = await start(JOB_ID, { requestedBy: 'olga', reason: 'nightly' });
  const begun = await eventually(() =>
    worker.stdout.find((line) => line.includes('"The restart has begun"') && line.includes(JOB_ID)),
  );
  expect(JSON.parse(begun)).toMatchObject({ requestedBy: 'olga', reason: 'nightly' });
  const joiner = await env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: `joiner-${taskQueue}`,
    args: [{ jobId: JOB_ID }],
  });
  const gauges = await eventually(async () => {
    const metrics = await scrape();
    return metrics.sum('modelarts_waits') === 1 ? metrics : undefined;
  });
  expect(gauges.sum('modelarts_oldest_look_overdue_seconds')).toBeLessThan(5);
  expect(gauges.sum('modelarts_budget_left')).toBeGreaterThan(900);
  expect(gauges.sum('modelarts_budget_left')).toBeLessThan(1_000);
  // One wait follows another, so there may be none for a moment.
  const report = await eventually(async () => {
    const now = (await health('readyz')).report as { waits?: number };
    return now.waits === 1 ? now : undefined;
  });
  expect(report).toMatchObject({ modelarts: { ok: true } });
  simulator.setStatus(JOB_ID, 8);
  const [end] = await Promise.all([endOf(restart), endOf(joiner)]);
  const { startedAt, endedAt } = (end as Extract<End, { status: 'completed' }>).outcome;

  const metrics = await eventually(async () => {
    const now = await scrape();
    return now.sum('modelarts_restarts_total') > 0 ? now : undefined;
  });
  const running = { outcome: 'running', code: 'none' };
  expect(metrics.sum('modelarts_restarts_total', running)).toBe(1);
  expect(metrics.sum('modelarts_restarts_total')).toBe(1);
  const duration = 'modelarts_restart_duration_seconds';
  expect(metrics.sum(`${duration}_count`, { outcome: 'running' })).toBe(1);
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
  expect(metrics.sum(`${duration}_sum`)).toBeCloseTo(seconds, 3);
  const bounds = metrics.values(`${duration}_bucket`, 'le');
  expect([bounds[0], bounds.at(-2)]).toEqual(['5', String(7 * 86_400)]);
  expect(
    metrics.sum('modelarts_requests_total', { operation: 'restart', result: 'accepted' }),
  ).toBe(1);
  const looks = metrics.sum('modelarts_requests_total', { operation: 'detail', result: 'read' });
  expect(looks).toBe(simulator.requests({ operation: 'detail' }).length);
  expect(metrics.sum('modelarts_request_duration_seconds_count', { operation: 'restart' })).toBe(1);

  // Once the worker has forgotten the workflow, it answers a query by replaying the history.
  const forgotten = await eventually(async () => {
    const now = await scrape();
    return now.sum('temporal_sticky_cache_size') === 0 ? now : undefined;
  });
  expect(await restart.query('progress')).toMatchObject({ phase: 'done' });
  const replayed = await scrape();
  const hits = 'temporal_sticky_cache_hit_total';
  expect(replayed.sum(hits)).toBe(forgotten.sum(hits));
  expect(replayed.sum('modelarts_restarts_total')).toBe(1);
  expect(replayed.sum(`${duration}_count`)).toBe(1);
});

it('counts refusals by known codes alone, and those of credentials or rights apart', async () => {
  const { simulator, scrape, until, start } = observed;
  simulator.addJob({ jobId: '11', status: 8 });
  simulator.addJob({ jobId: '12', status: 12 });
  simulator.addJob({ jobId: '13', status: 12 });
  const refuse = { kind: 'refuse', times: 1 } as const;
  const odd = { code: 'ModelArts.9876', message: 'no', status: 400 };
  simulator.fault({ ...refuse, ...odd, jobId: '12', operation: 'restart' });
  const denied = { code: 'ModelArts.0206', message: 'no', status: 401 };
  simulator.fault({ ...refuse, ...denied, jobId: '13', operation: 'restart' });
  for (const jobId of ['11', '12', '13']) await endOf(await start(jobId));
  const metrics = await eventually(async () => {
    const now = await scrape();
    return now.sum('modelarts_restarts_total', { outcome: 'refused' }) === 3 ? now : undefined;
  });
  const codes = metrics.values('modelarts_restarts_total', 'code');
  expect(codes.toSorted()).toEqual(['ModelArts.0105', 'ModelArts.0206', 'none', 'other']);
  const result = (name: string) =>
    metrics.sum('modelarts_requests_total', { operation: 'restart', result: name });
  expect([result('refused'), result('denied')]).toEqual([2, 1]);
  // The last call was refused for its credentials.
  const report = await until('readyz', 503);
  expect(report).toMatchObject({ credentials: { usable: false }, modelarts: { ok: true } });
  await endOf(await start('11'));
  await until('readyz', 200);
});

it('exports Temporal’s metrics beside ours, and no job id in a label', async () => {
  const { simulator, scrape } = observed;
  const metrics = await scrape();
  const build = metrics.samples('modelarts_restarter_build_info');
  expect(build).toEqual([{ labels: { build_id: '', version: expect.any(String) }, value: 1 }]);
  const execution = 'temporal_activity_execution_latency_seconds_bucket';
  expect(metrics.values(execution, 'le').at(-2)).toBe(String(7 * 86_400));
  expect(metrics.sum('modelarts_last_poll_timestamp_seconds')).toBeGreaterThan(
    Date.now() / 1_000 - 75,
  );
  const ours = ourMetricsIn(metrics);
  expect(ours.names).toEqual([
    'modelarts_budget_left',
    'modelarts_budget_waiting',
    'modelarts_credentials_refused',
    'modelarts_last_poll_timestamp_seconds',
    'modelarts_oldest_look_overdue_seconds',
    'modelarts_request_duration_seconds',
    'modelarts_requests_total',
    'modelarts_restart_duration_seconds',
    'modelarts_restarter_build_info',
    'modelarts_restarts_total',
    'modelarts_throttle_pause_seconds',
    'modelarts_waits',
  ]);
  const page = rowsIn(sectionOf(textOf('docs/operations.md'), 'Metrics'));
  const documented = page.map(([cell = '']) => codeIn(cell)[0]!.replace(/\{.*/, ''));
  expect(documented.toSorted()).toEqual([...ours.names, EXPIRY].toSorted());
  expect(ours.labels).toEqual([
    'build_id',
    'code',
    'le',
    'namespace',
    'operation',
    'outcome',
    'result',
    'taskQueue',
    'version',
    'workflowType',
  ]);
  for (const text of [SECRET, JOB_ID, simulator.projectId, 'olga', 'nightly']) {
    expect(metrics.text).not.toContain(text);
  }
});

it.each(['METRICS_ADDRESS', 'HEALTH_ADDRESS'])(
  'ends with 2 where %s is taken, and names it',
  async (name) => {
    const { variables } = observed;
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const other = startWorkerProcess({ ...variables, [name]: address });
    expect(await other.ended).toBe(2);
    expect(other.stderr.join('\n')).toContain(
      `${name} can’t be used: something else listens there (${address})`,
    );
    taken.close();
  },
);

it('exports each metric that an alert or the dashboard asks for', async () => {
  const { client } = observed.env;
  const { scrape, taskQueue } = observed;
  // No worker can read this input, so its workflow tasks fail: of these failures there is a metric too.
  const unreadable = {
    metadata: { encoding: Buffer.from('binary/unheard-of') },
    data: Buffer.of(1),
  };
  const workflowId = `unreadable-${taskQueue}`;
  await client.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId,
    requestId: workflowId,
    workflowType: { name: 'restartVisualizationJob' },
    taskQueue: { name: taskQueue },
    input: { payloads: [unreadable] },
  });
  const failed = 'temporal_workflow_task_execution_failed_total';
  const metrics = await eventually(async () => {
    const now = await scrape();
    return now.sum(failed) > 0 ? now : undefined;
  });
  await client.workflow.getHandle(workflowId).terminate();
  const files = ['deploy/prometheus-rules.yml', 'deploy/grafana-dashboard.json'].map(textOf);
  const asked = files.flatMap((text) => text.match(/\b(?:modelarts|temporal)_\w+/g) ?? []);
  expect(new Set(asked).size).toBeGreaterThan(12);
  const missing = [...new Set(asked)].filter((name) => !metrics.all.has(name));
  expect(missing).toEqual([EXPIRY]);
});

it('serves nothing where no address is given', async () => {
  const { variables } = observed;
  const plain = startWorkerProcess({ ...variables, TEMPORAL_TASK_QUEUE: uniqueTaskQueue() });
  await plain.logged('Listening');
  expect(plain.stdout.join('\n')).not.toContain('Serving');
  expect(await plain.end('SIGTERM')).toBe(0);
});

it('logs the SDK’s finer lines at debug, and no credential', () => {
  const { worker } = observed;
  const lines = worker.stdout.join('\n');
  expect(lines).toContain('"level":"debug"');
  expect(lines).not.toContain(SECRET);
});
