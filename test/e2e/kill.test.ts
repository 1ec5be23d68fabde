import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import type { RestartProgress } from '../../src/domain/outcome.js';
import { endOf, eventually, progressWhen } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { startTemporalProxy } from './temporal-proxy.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

const SECRET = 'SecretKeyCanaryOfTheTests01';

/** After it a wait goes on without being handed over; what is sooner was handed over. */
const HEARTBEAT_TIMEOUT_MS = 60_000;

let env: TestWorkflowEnvironment;
let simulator: Simulator;

beforeAll(async () => {
  env = await connectToTestServer();
  simulator = await startSimulator();
});
afterAll(async () => {
  const ends = await Promise.all(successors.map((successor) => successor.end('SIGTERM')));
  endAllWorkers();
  await simulator.close();
  await env.teardown();
  expect(ends).toEqual(successors.map(() => 0));
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

/** A task queue and its first worker. Each test has a job of its own. */
async function crew() {
  const taskQueue = uniqueTaskQueue();
  const worker = (): WorkerProcess => startWorkerProcess(variables(env.address, taskQueue));
  const first = worker();
  await first.logged('Listening');
  const startAs = (workflowId: string, input: unknown): Promise<WorkflowHandle> =>
    env.client.workflow.start('restartVisualizationJob', { taskQueue, workflowId, args: [input] });
  return {
    worker,
    first,
    start: (jobId: string): Promise<WorkflowHandle> => {
      simulator.addJob({ jobId, status: 12, timelines: { restart: STARTING } });
      const input = { jobId, pollInterval: '1s', settleTime: '5s', timeout: '3m' };
      return startAs(restartId(simulator.projectId, jobId), input);
    },
    join: (jobId: string): Promise<WorkflowHandle> => startAs(`join-${jobId}-${taskQueue}`, jobId),
  };
}

const posts = (jobId: string) => simulator.requests({ jobId, operation: 'restart' });
const isUnderWay = ({ last }: RestartProgress): boolean => last?.code === 7;

/** Answers all who ask with the same one. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** The workers that go on where several tests share one. */
const successors: WorkerProcess[] = [];

/** One kill strikes four restarts, each at another point; then another worker starts. */
const killed = once(async () => {
  const { worker, first, start } = await crew();
  const waiting = await start('804');
  await progressWhen(waiting, isUnderWay);
  const delay = { kind: 'delay', ms: 60_000, when: 'after' } as const;
  const slow = simulator.fault({ jobId: '801', operation: 'restart', ...delay });
  const hang = simulator.fault({ jobId: '802', operation: 'restart', kind: 'hang' });
  const [carriedOut, lost] = await Promise.all([start('801'), start('802')]);
  await eventually(() => (slow.fired === 1 && hang.fired === 1) || undefined);
  await eventually(() => simulator.job('801').status === 7 || undefined);
  const answered = await start('803');
  while (posts('803')[0]?.outcome !== 200) await new Promise((resolve) => setTimeout(resolve, 1));
  await first.end('SIGKILL');
  successors.push(worker());
  expect([posts('801'), posts('802')].map(([post]) => post?.outcome)).not.toContain(200);
  return { carriedOut, lost, answered, waiting };
});

jest.setTimeout(240_000);

it.concurrent(
  'kill -9 during the request, which was carried out: one restart, and it is found out',
  async () => {
    const { carriedOut } = await killed();
    await progressAcrossWorkers(carriedOut, ({ acceptedAt }) => acceptedAt !== undefined);
    simulator.setStatus('801', 8);
    expect(await endOf(carriedOut)).toMatchObject({ status: 'completed' });
    expect(posts('801')).toHaveLength(1);
    expect(simulator.acceptedRestarts('801')).toBe(1);
  },
);

it.concurrent(
  'kill -9 during the request, which was not carried out: no second one, but `unknown`',
  async () => {
    const { lost } = await killed();
    expect(await endOf(lost)).toMatchObject({ type: 'RestartUnknown' });
    expect(posts('802')).toHaveLength(1);
  },
);

it.concurrent('kill -9 right after the request was answered: one restart', async () => {
  const { answered } = await killed();
  await progressAcrossWorkers(answered, ({ acceptedAt }) => acceptedAt !== undefined);
  simulator.setStatus('803', 8);
  expect(await endOf(answered)).toMatchObject({ status: 'completed' });
  expect(posts('803')).toHaveLength(1);
  expect(simulator.acceptedRestarts('803')).toBe(1);
});

it.concurrent(
  'kill -9 during the wait: another worker goes on after the heartbeat timeout',
  async () => {
    const { waiting } = await killed();
    simulator.setStatus('804', 8);
    expect(await endOf(waiting)).toMatchObject({ status: 'completed' });
    expect(posts('804')).toHaveLength(1);
  },
);

it.concurrent.each(['SIGTERM', 'SIGINT'] as const)(
  'a worker told to stop (%s) ends with 0 and hands its waits over at once',
  async (signal) => {
    const jobId = signal === 'SIGTERM' ? '811' : '812';
    const { worker, first, start } = await crew();
    const handle = await start(jobId);
    await progressWhen(handle, isUnderWay);
    const second = worker();
    await second.logged('Listening');
    simulator.setStatus(jobId, 8);
    const stoppedAt = Date.now();
    expect(await first.end(signal)).toBe(0);
    expect(await endOf(handle)).toMatchObject({ status: 'completed' });
    expect(Date.now() - stoppedAt).toBeLessThan(HEARTBEAT_TIMEOUT_MS / 2);
    expect(posts(jobId)).toHaveLength(1);
    expect(await second.end(signal)).toBe(0);
  },
);

/** A worker is told to stop while it follows a restart for a joiner and awaits the answer of a request. */
const stopped = once(async () => {
  const { worker, first, start, join } = await crew();
  await progressWhen(await start('814'), isUnderWay);
  const joiner = await join('814');
  await progressWhen(joiner, ({ restart }) => restart !== undefined);
  const delay = { kind: 'delay', ms: 3_000, when: 'after' } as const;
  const slow = simulator.fault({ jobId: '813', operation: 'restart', ...delay });
  const asking = await start('813');
  await eventually(() => slow.fired === 1 || undefined);
  const stoppedAt = Date.now();
  const exitCode = await first.end('SIGTERM');
  const tookMs = Date.now() - stoppedAt;
  const second = worker();
  successors.push(second);
  await second.logged('Listening');
  return { exitCode, tookMs, joiner, asking };
});

it.concurrent(
  'a worker told to stop hands over those that follow another restart, and is not held up by them',
  async () => {
    const { exitCode, tookMs, joiner } = await stopped();
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(HEARTBEAT_TIMEOUT_MS / 2);
    simulator.setStatus('814', 8);
    expect(await endOf(joiner)).toMatchObject({
      status: 'completed',
      outcome: { attached: true },
    });
  },
);

it.concurrent('a worker told to stop waits for the answer of a request under way', async () => {
  const { exitCode, asking } = await stopped();
  expect(exitCode).toBe(0);
  const { acceptedAt, last } = await progressAcrossWorkers(asking, isUnderWay);
  expect([typeof acceptedAt, last?.name]).toEqual(['string', 'WAITING']);
  expect(posts('813')).toHaveLength(1);
  await asking.cancel();
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
    const { first, start } = await crew();
    const handle = await start('821');
    await progressWhen(handle, isUnderWay);
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
