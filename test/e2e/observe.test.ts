import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { codeIn, rowsIn, sectionOf, textOf } from '../docs/pages.js';
import { endOf, eventually } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { ourMetricsIn, readMetrics, type Metrics } from './metrics-text.js';
import { startTemporalProxy, type TemporalProxy } from './temporal-proxy.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

const SECRET = 'a-secret-token-of-the-test';

/** The long polls, and the call by which the worker asks who polls. */
const POLLS = [
  'PollWorkflowTaskQueue',
  'PollActivityTaskQueue',
  'PollNexusTaskQueue',
  'DescribeTaskQueue',
];

let env: TestWorkflowEnvironment;
let simulator: Simulator;
let proxy: TemporalProxy;
let worker: WorkerProcess;
let metricsAt: string;
let healthAt: string;
const taskQueue = uniqueTaskQueue();

const variables = (): Record<string, string> => ({
  TEMPORAL_ADDRESS: proxy.address,
  TEMPORAL_TASK_QUEUE: taskQueue,
  MODELARTS_ENDPOINT: simulator.url,
  HW_PROJECT_ID: simulator.projectId,
  HW_AUTH_TOKEN: SECRET,
});

beforeAll(async () => {
  [env, simulator] = await Promise.all([connectToTestServer(), startSimulator()]);
  proxy = await startTemporalProxy(env.address);
  const preload = pathToFileURL(path.join(__dirname, 'shift-clock.mjs')).href;
  worker = startWorkerProcess({
    ...variables(),
    NODE_OPTIONS: `--import=${preload}`,
    METRICS_ADDRESS: 'localhost:0',
    HEALTH_ADDRESS: '127.0.0.1:0',
    LOG_LEVEL: 'debug',
    MODELARTS_RATE_LIMIT: '1000/1m',
    MODELARTS_ALLOWED_PROJECTS: simulator.projectId,
    MODELARTS_ALLOW_STOP: 'false',
  });
  metricsAt = String((await worker.logged('Serving /metrics'))['address']);
  healthAt = String((await worker.logged('Serving /livez and /readyz'))['address']);
  await worker.logged('Listening');
});
afterAll(async () => {
  endAllWorkers();
  await Promise.all([proxy.close(), simulator.close()]);
  await env.teardown();
});

const scrape = async (): Promise<Metrics> =>
  readMetrics(await (await fetch(`http://${metricsAt}/metrics`)).text());

interface Report {
  state: string;
  lastPoll?: string;
  waits: number;
  credentials?: { from: string; usable: boolean };
  modelarts?: { ok?: boolean; lastError?: { message: string } };
}

async function health(door: 'livez' | 'readyz'): Promise<{ status: number; report: Report }> {
  const answer = await fetch(`http://${healthAt}/${door}`);
  return { status: answer.status, report: (await answer.json()) as Report };
}

const until = (door: 'livez' | 'readyz', status: number): Promise<Report> =>
  eventually(async () => {
    const answer = await health(door);
    return answer.status === status ? answer.report : undefined;
  });

const start = (jobId: string, input: object = {}) =>
  env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(simulator.projectId, jobId),
    args: [{ jobId, pollInterval: '1s', settleTime: '2s', timeout: '60s', ...input }],
  });

it('is live and ready once it polls Temporal, and says what it is', async () => {
  const report = await until('readyz', 200);
  expect(report).toEqual({
    state: 'RUNNING',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    taskQueue,
    lastPoll: expect.stringMatching(/^20\d\d-.*Z$/) as string,
    waits: 0,
    credentials: { from: 'HW_AUTH_TOKEN', usable: true },
    modelarts: {},
  });
  expect(Math.abs(Date.now() - Date.parse(report.lastPoll!))).toBeLessThan(30_000);
  expect(await health('livez')).toMatchObject({ status: 200, report: { state: 'RUNNING' } });
  const other = await fetch(`http://${healthAt}/`);
  expect({ status: other.status, body: await other.text() }).toEqual({ status: 404, body: '' });
  expect((await fetch(`http://${healthAt}/livez`, { method: 'POST' })).status).toBe(405);
});

it('takes its limits from the environment', async () => {
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
  const steps = [
    { afterMs: 0, status: 7 },
    { afterMs: 3_000, status: 8 },
  ];
  simulator.addJob({ jobId: '10', status: 12, timelines: { restart: steps } });
  const restart = await start('10', { requestedBy: 'ada', reason: 'nightly' });
  const begun = await eventually(() =>
    worker.stdout.find((line) => line.includes('"The restart has begun"') && line.includes('"10"')),
  );
  expect(JSON.parse(begun)).toMatchObject({ requestedBy: 'ada', reason: 'nightly' });
  const joiner = await env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: `joiner-${taskQueue}`,
    args: [{ jobId: '10' }],
  });
  const gauges = await eventually(async () => {
    const metrics = await scrape();
    return metrics.sum('modelarts_waits') === 1 ? metrics : undefined;
  });
  expect(gauges.sum('modelarts_oldest_look_overdue_seconds')).toBeLessThan(5);
  expect(gauges.sum('modelarts_budget_left')).toBeGreaterThan(900);
  expect(gauges.sum('modelarts_budget_left')).toBeLessThan(1_000);
  expect((await health('readyz')).report).toMatchObject({ waits: 1, modelarts: { ok: true } });
  await Promise.all([endOf(restart), endOf(joiner)]);

  const metrics = await eventually(async () => {
    const now = await scrape();
    return now.sum('modelarts_restarts_total') > 0 ? now : undefined;
  });
  const running = { outcome: 'running', code: 'none' };
  expect(metrics.sum('modelarts_restarts_total', running)).toBe(1);
  expect(metrics.sum('modelarts_restarts_total')).toBe(1);
  const duration = 'modelarts_restart_duration_seconds';
  expect(metrics.sum(`${duration}_count`, { outcome: 'running' })).toBe(1);
  expect(metrics.sum(`${duration}_sum`)).toBeGreaterThan(2);
  const bounds = metrics.values(`${duration}_bucket`, 'le');
  expect([bounds[0], bounds.at(-2)]).toEqual(['5', String(7 * 86_400)]);
  expect(
    metrics.sum('modelarts_requests_total', { operation: 'restart', result: 'accepted' }),
  ).toBe(1);
  const looks = metrics.sum('modelarts_requests_total', { operation: 'detail', result: 'read' });
  expect(looks).toBe(simulator.requests({ operation: 'detail' }).length);
  expect(metrics.sum('modelarts_request_duration_seconds_count', { operation: 'restart' })).toBe(1);
});

it('counts refusals by known codes alone, and those of credentials or rights apart', async () => {
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
  expect(documented.toSorted()).toEqual(ours.names);
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
  for (const secret of [SECRET, simulator.projectId, 'ada', 'nightly']) {
    expect(metrics.text).not.toContain(secret);
  }
});

it('reports in the body that ModelArts is down, and stays ready', async () => {
  simulator.addJob({ jobId: '14', status: 12 });
  const fault = simulator.fault({
    jobId: '14',
    operation: 'detail',
    kind: 'request-lost',
    times: Infinity,
  });
  const handle = await start('14');
  const down = await eventually(async () => {
    const { status, report } = await health('readyz');
    return report.modelarts?.ok === false ? { status, report } : undefined;
  });
  expect(down.status).toBe(200);
  expect(down.report.modelarts?.lastError?.message).toContain('connection closed');
  expect(fault.fired).toBeGreaterThan(0);
  await handle.terminate();
});

it('is no longer ready once Temporal has been away for 75 s, and is again when it comes back', async () => {
  for (const poll of POLLS) proxy.interfere(poll, 'silence');
  proxy.cut();
  await until('readyz', 200);
  worker.process.kill('SIGUSR2');
  const report = await until('readyz', 503);
  expect(report).toMatchObject({ state: 'RUNNING', credentials: { usable: true } });
  expect((await health('livez')).status).toBe(200);
  for (const poll of POLLS) proxy.interfere(poll, undefined);
  proxy.cut();
  await until('readyz', 200);
}, 120_000);

it.each(['METRICS_ADDRESS', 'HEALTH_ADDRESS'])(
  'ends with 2 where %s is taken, and names it',
  async (name) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const other = startWorkerProcess({ ...variables(), [name]: address });
    expect(await other.ended).toBe(2);
    expect(other.stderr.join('\n')).toContain(
      `${name} can’t be used: something else listens there (${address})`,
    );
    taken.close();
  },
);

it('serves nothing where no address is given', async () => {
  const plain = startWorkerProcess({ ...variables(), TEMPORAL_TASK_QUEUE: uniqueTaskQueue() });
  await plain.logged('Listening');
  expect(plain.stdout.join('\n')).not.toContain('Serving');
  expect(await plain.end('SIGTERM')).toBe(0);
});

it('is live but not ready while it stops', async () => {
  simulator.addJob({ jobId: '15', status: 12 });
  // A stopping worker waits for the answer of a request.
  simulator.fault({ jobId: '15', operation: 'restart', kind: 'delay', ms: 4_000 });
  await start('15');
  await eventually(() =>
    simulator.requests({ jobId: '15', operation: 'restart' }).length > 0 ? true : undefined,
  );
  worker.process.kill('SIGTERM');
  expect(await until('readyz', 503)).toMatchObject({ state: 'STOPPING' });
  expect((await health('livez')).status).toBe(200);
  expect(await worker.ended).toBe(0);
});

it('logs the SDK’s finer lines at debug, and no credential', () => {
  const lines = worker.stdout.join('\n');
  expect(lines).toContain('"level":"debug"');
  expect(lines).not.toContain(SECRET);
});
