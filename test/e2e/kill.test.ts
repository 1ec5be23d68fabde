import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf, eventually, progressWhen } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { startTemporalProxy } from './temporal-proxy.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

const SECRET = 'AVerySecretKeyThatNobodyMaySee01';

/** After it a wait goes on without being handed over; what is sooner was handed over. */
const HEARTBEAT_TIMEOUT_MS = 60_000;

let env: TestWorkflowEnvironment;
let simulator: Simulator;

beforeAll(async () => {
  env = await connectToTestServer();
  simulator = await startSimulator();
});
afterAll(async () => {
  endAllWorkers();
  await simulator.close();
  await env.teardown();
});

const STARTING = [{ afterMs: 0, status: 7 }];

const variables = (address: string, taskQueue: string) => ({
  TEMPORAL_ADDRESS: address,
  TEMPORAL_TASK_QUEUE: taskQueue,
  MODELARTS_ENDPOINT: simulator.url,
  HW_PROJECT_ID: simulator.projectId,
  HW_ACCESS_KEY: 'ACCESSKEYOFTHETEST',
  HW_SECRET_KEY: SECRET,
});

/** A job, a task queue and a worker of their own. */
async function scene(jobId: string, status = 12) {
  simulator.addJob({ jobId, status, timelines: { restart: STARTING } });
  const taskQueue = uniqueTaskQueue();
  const worker = (): WorkerProcess => startWorkerProcess(variables(env.address, taskQueue));
  const first = worker();
  await first.logged('Listening');
  const start = (input: object = {}): Promise<WorkflowHandle> =>
    env.client.workflow.start('restartVisualizationJob', {
      taskQueue,
      workflowId: restartId(simulator.projectId, jobId),
      args: [{ jobId, pollInterval: '1s', settleTime: '5s', timeout: '3m', ...input }],
    });
  const joinIt = (): Promise<WorkflowHandle> =>
    env.client.workflow.start('restartVisualizationJob', {
      taskQueue,
      workflowId: `join-${jobId}-${taskQueue}`,
      args: [jobId],
    });
  return {
    worker,
    first,
    start,
    joinIt,
    posts: () => simulator.requests({ jobId, operation: 'restart' }),
  };
}

jest.setTimeout(240_000);

it.concurrent(
  'kill -9 during the request, which was carried out: one restart, and it is found out',
  async () => {
    const { worker, first, start, posts } = await scene('801');
    const delay = { kind: 'delay', ms: 60_000, when: 'after' } as const;
    const slow = simulator.fault({ jobId: '801', operation: 'restart', ...delay });
    const handle = await start();
    await eventually(() => slow.fired === 1 || undefined);
    await eventually(() => simulator.job('801').status === 7 || undefined);
    await first.end('SIGKILL');
    const second = worker();
    await progressAcrossWorkers(handle, ({ acceptedAt }) => acceptedAt !== undefined);
    simulator.setStatus('801', 8);
    expect(await endOf(handle)).toMatchObject({ status: 'completed' });
    expect(posts()).toHaveLength(1);
    expect(simulator.acceptedRestarts('801')).toBe(1);
    expect(await second.end('SIGTERM')).toBe(0);
  },
);

it.concurrent(
  'kill -9 during the request, which was not carried out: no second one, but `unknown`',
  async () => {
    const { worker, first, start, posts } = await scene('802');
    const hang = simulator.fault({ jobId: '802', operation: 'restart', kind: 'hang' });
    const handle = await start();
    await eventually(() => hang.fired === 1 || undefined);
    await first.end('SIGKILL');
    const second = worker();
    expect(await endOf(handle)).toMatchObject({ type: 'RestartUnknown' });
    expect(posts()).toHaveLength(1);
    expect(await second.end('SIGTERM')).toBe(0);
  },
);

it.concurrent('kill -9 right after the request was answered: one restart', async () => {
  const { worker, first, start, posts } = await scene('803');
  const handle = await start();
  while (posts()[0]?.outcome !== 200) await new Promise((resolve) => setTimeout(resolve, 1));
  await first.end('SIGKILL');
  const second = worker();
  await progressAcrossWorkers(handle, ({ acceptedAt }) => acceptedAt !== undefined);
  simulator.setStatus('803', 8);
  expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  expect(posts()).toHaveLength(1);
  expect(simulator.acceptedRestarts('803')).toBe(1);
  expect(await second.end('SIGTERM')).toBe(0);
});

it.concurrent(
  'kill -9 during the wait: another worker goes on after the heartbeat timeout',
  async () => {
    const { worker, first, start, posts } = await scene('804');
    const handle = await start();
    await progressWhen(handle, ({ last }) => last?.code === 7);
    await first.end('SIGKILL');
    const second = worker();
    simulator.setStatus('804', 8);
    expect(await endOf(handle)).toMatchObject({ status: 'completed' });
    expect(posts()).toHaveLength(1);
    expect(await second.end('SIGTERM')).toBe(0);
  },
);

it.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
  'a worker told to stop (%s) ends with 0 and hands its waits over at once',
  async (signal) => {
    const jobId = signal === 'SIGTERM' ? '811' : '812';
    const { worker, first, start, posts } = await scene(jobId);
    const handle = await start();
    await progressWhen(handle, ({ last }) => last?.code === 7);
    const second = worker();
    await second.logged('Listening');
    simulator.setStatus(jobId, 8);
    const stoppedAt = Date.now();
    expect(await first.end(signal)).toBe(0);
    expect(await endOf(handle)).toMatchObject({ status: 'completed' });
    expect(Date.now() - stoppedAt).toBeLessThan(HEARTBEAT_TIMEOUT_MS / 2);
    expect(posts()).toHaveLength(1);
    expect(await second.end(signal)).toBe(0);
  },
);

it.concurrent(
  'a worker told to stop hands over those that follow another restart, and is not held up by them',
  async () => {
    const { worker, first, start, joinIt } = await scene('814');
    const handle = await start();
    await progressWhen(handle, ({ last }) => last?.code === 7);
    const joiner = await joinIt();
    await progressWhen(joiner, ({ restart }) => restart !== undefined);
    const stoppedAt = Date.now();
    expect(await first.end('SIGTERM')).toBe(0);
    expect(Date.now() - stoppedAt).toBeLessThan(HEARTBEAT_TIMEOUT_MS / 2);
    const second = worker();
    await second.logged('Listening');
    simulator.setStatus('814', 8);
    expect(await endOf(joiner)).toMatchObject({
      status: 'completed',
      outcome: { attached: true },
    });
    expect(await second.end('SIGTERM')).toBe(0);
  },
);

it.concurrent('a worker told to stop waits for the answer of a request under way', async () => {
  const { worker, first, start, posts } = await scene('813');
  const delay = { kind: 'delay', ms: 3_000, when: 'after' } as const;
  const slow = simulator.fault({ jobId: '813', operation: 'restart', ...delay });
  const handle = await start();
  await eventually(() => slow.fired === 1 || undefined);
  expect(await first.end('SIGTERM')).toBe(0);
  const second = worker();
  const { acceptedAt, last } = await progressAcrossWorkers(handle, (now) => now.last?.code === 7);
  expect([typeof acceptedAt, last?.name]).toEqual(['string', 'WAITING']);
  expect(posts()).toHaveLength(1);
  await handle.cancel();
  expect(await second.end('SIGTERM')).toBe(0);
});

// Here, beside other tests that take a minute: for so long the SDK asks again.
it.concurrent.each([
  ['lost its rights', 7, 'TEMPORAL_API_KEY'],
  ['lost its namespace', 5, 'TEMPORAL_NAMESPACE'],
])(
  'a worker that Temporal refuses while it runs (%s) ends with 2 and a sentence',
  async (_, code, variable) => {
    const proxy = await startTemporalProxy(env.address);
    const worker = startWorkerProcess(variables(proxy.address, uniqueTaskQueue()));
    await worker.logged('Listening');
    for (const kind of ['Workflow', 'Activity', 'Nexus']) {
      proxy.interfere(`Poll${kind}TaskQueue`, { code, message: 'No more.' });
    }
    const before = proxy.calls('PollActivityTaskQueue');
    proxy.cut();
    const exitCode = await worker.ended;
    expect([exitCode, worker.stderr]).toEqual([2, [expect.stringContaining(variable)]]);
    expect(proxy.calls('PollActivityTaskQueue')).toBeGreaterThan(before);
    await proxy.close();
  },
);

it.concurrent(
  'what a worker prints is JSON with fields, a line per change, and holds no secret',
  async () => {
    const { first, start } = await scene('821');
    const handle = await start();
    await progressWhen(handle, ({ last }) => last?.code === 7);
    simulator.setStatus('821', 8);
    await endOf(handle);
    await first.logged('The restart has ended');
    expect(await first.end('SIGTERM')).toBe(0);
    const lines = first.stdout.map((line) => JSON.parse(line) as Record<string, unknown>);
    const changes = lines.filter(({ msg }) => msg === 'The job changed its status');
    expect(changes.map(({ jobId, from, status }) => [jobId, from, status])).toEqual([
      ['821', 'KILLED', 'WAITING'],
      ['821', 'WAITING', 'RUNNING'],
    ]);
    expect(lines.find(({ msg }) => msg === 'Listening')).toMatchObject({
      credentialsFrom: 'access key',
    });
    expect([...first.stdout, ...first.stderr].join('\n')).not.toContain(SECRET);
  },
);

/** As `progressWhen`, over a time in which no worker may be there to answer. */
async function progressAcrossWorkers(
  handle: WorkflowHandle,
  isSo: Parameters<typeof progressWhen>[1],
): Promise<Awaited<ReturnType<typeof progressWhen>>> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await progressWhen(handle, isSo);
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}
