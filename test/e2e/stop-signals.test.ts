import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { eventually } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { freePort } from './free-port.js';
import { startTemporalProxy, type TemporalProxy } from './temporal-proxy.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

const PLAIN = ['dist/worker.js'];

const DOORS: [name: string, program: string[]][] = [
  ['node dist/worker.js', PLAIN],
  ['modelarts-restarter worker', ['dist/cli.js', 'worker']],
];

/** At how many instants of its start a worker is ended. */
const INSTANTS = 10;

/** Until so long before it listens, a worker loads modules. Then come many short steps. */
const LAST_STEPS_MS = 300;

/** Instants of a start that takes `startMs`: a third before its last steps, the others among them. */
function instantsOf(startMs: number, count: number): number[] {
  const early = Math.floor(count / 3);
  const lastFrom = Math.max(0, startMs - LAST_STEPS_MS);
  const lastMs = startMs - lastFrom;
  return Array.from({ length: count }, (_, i) =>
    i < early
      ? (i / early) * lastFrom
      : lastFrom + ((i - early) / (count - early - 1)) * 1.3 * lastMs,
  );
}

/** An idle worker ends in a fraction of a second, on a busy machine in seconds; one that hangs does so for ever. */
const LIMIT_MS = 30_000;

let env: TestWorkflowEnvironment;
let simulator: Simulator;
let proxy: TemporalProxy;

beforeAll(async () => {
  env = await connectToTestServer();
  simulator = await startSimulator();
  proxy = await startTemporalProxy(env.address);
});
afterAll(async () => {
  endAllWorkers();
  await Promise.all([proxy.close(), simulator.close()]);
  await env.teardown();
});

/** `PENDING_ACTIVITY_STATE_STARTED` of Temporal's API. */
const STARTED = 2;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A worker that says on standard error when it begins to handle signals. */
function start(program: readonly string[], environment: Record<string, string> = {}) {
  const preload = pathToFileURL(path.join(__dirname, 'tell-handlers.mjs')).href;
  return startWorkerProcess(
    {
      NODE_OPTIONS: `--import=${preload}`,
      TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS']!,
      TEMPORAL_TASK_QUEUE: uniqueTaskQueue(),
      MODELARTS_ENDPOINT: 'http://127.0.0.1:9',
      HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
      ...environment,
    },
    program,
  );
}

/** A worker that listens on the queue, for the jobs of the simulator. */
async function listeningOn(taskQueue: string): Promise<WorkerProcess> {
  const worker = start(PLAIN, {
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
  });
  await worker.logged('Listening');
  return worker;
}

/** Waits for the sign, and answers with how many modules were loaded by then. */
const handlesSignals = (worker: WorkerProcess): Promise<number> =>
  eventually(() => {
    const [, loaded] =
      /handles SIGTERM, modules loaded: (\d+)/.exec(worker.stderr.join('\n')) ?? [];
    return loaded === undefined ? undefined : Number(loaded);
  });

/** Sends a signal, and answers with the exit code, or with what the worker is after the limit. */
async function endedBy(
  worker: WorkerProcess,
  signal: NodeJS.Signals,
): Promise<number | string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('still there'), LIMIT_MS);
  });
  const end = await Promise.race([worker.end(signal), late]);
  clearTimeout(timer);
  worker.process.kill('SIGKILL');
  return end;
}

jest.setTimeout(180_000);

describe.each(DOORS)('%s', (_name, program) => {
  it('handles signals before it loads Temporal, and most of the time that a start takes', async () => {
    const worker = start(program);
    expect(await handlesSignals(worker)).toBeLessThan(10);
    expect(worker.stdout).toEqual([]);
    expect(await endedBy(worker, 'SIGINT')).toBe(0);
  });
});

it('ends with 0 at whatever instant of its start SIGTERM comes', async () => {
  // Two at once, here and below, so that each takes the same time. The shorter one, because on a busy machine
  // a start can take much longer than the next.
  const startMs = Math.min(...(await Promise.all([timeOfStart(), timeOfStart()])));
  const delays = instantsOf(startMs, INSTANTS);
  const ends: { afterMs: number; end: unknown; listening: boolean }[] = [];
  const lane = async (): Promise<void> => {
    for (let ms = delays.shift(); ms !== undefined; ms = delays.shift()) {
      const worker = start(PLAIN);
      await handlesSignals(worker);
      await sleep(ms);
      const listening = isListening(worker);
      const end = await endedBy(worker, 'SIGTERM');
      ends.push({ afterMs: Math.round(ms), end, listening });
      if (end !== 0) delays.length = 0;
    }
  };
  await Promise.all([lane(), lane()]);
  expect(ends.filter(({ end }) => end !== 0)).toEqual([]);
  // Where other work slows this one down or lets it go, fewer or more of the instants are of the start.
  expect(ends.filter(({ listening }) => !listening).length).toBeGreaterThan(1);
});

const isListening = (worker: WorkerProcess): boolean =>
  worker.stdout.some((line) => line.includes('"msg":"Listening"'));

/** How long it takes from where signals are handled until it listens. */
async function timeOfStart(): Promise<number> {
  const worker = start(PLAIN);
  await handlesSignals(worker);
  const from = performance.now();
  await worker.logged('Listening');
  const ms = performance.now() - from;
  expect(await endedBy(worker, 'SIGTERM')).toBe(0);
  return ms;
}

it('ends with 0 when SIGTERM comes while it can’t reach Temporal', async () => {
  const worker = start(PLAIN, { TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` });
  await worker.logged('Waiting for Temporal');
  expect(await endedBy(worker, 'SIGTERM')).toBe(0);
  expect(worker.stdout.filter((line) => line.includes('Stopping has failed'))).toEqual([]);
});

it.each(['GetSystemInfo', 'DescribeNamespace'])(
  'ends with 0 when SIGTERM comes while %s gets no answer',
  async (method) => {
    proxy.interfere(method, 'silence');
    const before = proxy.calls(method);
    const worker = start(PLAIN, { TEMPORAL_ADDRESS: proxy.address });
    await eventually(() => proxy.calls(method) > before || undefined);
    expect(await endedBy(worker, 'SIGTERM')).toBe(0);
    proxy.interfere(method, undefined);
  },
);

it('ends with 0 when SIGTERM comes while Temporal has stopped answering', async () => {
  const worker = start(PLAIN, { TEMPORAL_ADDRESS: proxy.address });
  await worker.logged('Listening');
  const methods = ['PollWorkflowTaskQueue', 'PollActivityTaskQueue', 'ShutdownWorker'];
  for (const method of methods) proxy.interfere(method, 'silence');
  expect(await endedBy(worker, 'SIGTERM')).toBe(0);
  expect(proxy.calls('ShutdownWorker')).toBeGreaterThan(0);
  for (const method of methods) proxy.interfere(method, undefined);
});

it('is heard by any number of activities that follow a restart, without a word of Node', async () => {
  const FOLLOWERS = 12;
  simulator.addJob({ jobId: '12', status: 7 });
  const taskQueue = uniqueTaskQueue();
  const worker = await listeningOn(taskQueue);
  const startAs = (workflowId: string) =>
    env.client.workflow.start('restartVisualizationJob', {
      taskQueue,
      workflowId,
      args: [{ jobId: '12', ifRunning: 'attach' }],
    });
  const restart = await startAs(restartId(simulator.projectId, '12'));
  const followers = await Promise.all(
    Array.from({ length: FOLLOWERS }, (_, nth) => startAs(`${taskQueue}-${nth}`)),
  );
  // The first activity of a follower asks the worker for defaults; the second one follows.
  const isFollowing = async (follower: (typeof followers)[0]): Promise<true | undefined> => {
    const { pendingActivities } = (await follower.describe()).raw;
    const started = pendingActivities?.find(({ state }) => Number(state) === STARTED);
    return started?.activityType?.name === 'followRestart' || undefined;
  };
  await Promise.all(followers.map((follower) => eventually(() => isFollowing(follower))));
  expect(await endedBy(worker, 'SIGTERM')).toBe(0);
  const said = worker.stderr.filter((line) => !line.includes('modules loaded'));
  expect(said).toEqual([]);
  await Promise.all([restart, ...followers].map((handle) => handle.terminate()));
});

describe('a second signal', () => {
  it('is the first one again where npm passes on what the terminal has sent to both', async () => {
    const worker = start(PLAIN);
    await worker.logged('Listening');
    worker.process.kill('SIGINT');
    await eventually(() => worker.stdout.find((line) => line.includes('"msg":"Stopping')));
    expect(await endedBy(worker, 'SIGINT')).toBe(0);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '(%s) ends at once, with %i, a worker that waits for ModelArts',
    async (signal, code) => {
      const jobId = String(code);
      simulator.addJob({ jobId, status: 12 });
      const hang = simulator.fault({ jobId, operation: 'detail', kind: 'hang' });
      const taskQueue = uniqueTaskQueue();
      const worker = await listeningOn(taskQueue);
      const handle = await env.client.workflow.start('restartVisualizationJob', {
        taskQueue,
        workflowId: restartId(simulator.projectId, jobId),
        args: [jobId],
      });
      await eventually(() => hang.fired === 1 || undefined);
      worker.process.kill('SIGTERM');
      await sleep(1_000);
      expect(worker.process.exitCode).toBeNull();
      expect(await endedBy(worker, signal)).toBe(code);
      await handle.terminate();
    },
  );
});
