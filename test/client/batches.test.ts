import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import {
  batchId,
  type BatchInput,
  type BatchProgress,
  cancelBatch,
  describeBatch,
  followBatch,
  InvalidInputError,
  NoWorkerError,
  RestartError,
  RestartNotFoundError,
  startBatch,
  type StartedBatch,
} from '../../src/client/index.js';
import { eventually, openStage, type Stage } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { acceptedOf, addJobs, endOfBatch, STARTING, untilWaiting } from '../workflows/batches.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const start = (input: BatchInput): Promise<StartedBatch> =>
  startBatch(
    stage.client,
    { pollInterval: '1s', settleTime: '2s', timeout: '5m', ...input },
    { projectId: stage.projectId, taskQueue: stage.taskQueue },
  );

async function all(started: StartedBatch): Promise<BatchProgress[]> {
  const seen: BatchProgress[] = [];
  const following = followBatch(stage.client, started, { everyMs: 100 });
  for await (const progress of following) seen.push(progress);
  return seen;
}

it.concurrent('yields the counts as they change, and at last the outcome', async () => {
  const jobIds = addJobs(stage, 6_001, 4);
  const refused = addJobs(stage, 6_011, 1, { status: 8 });
  const started = await start({ jobIds: [...refused, ...jobIds], maxConcurrent: 2 });
  expect(started).toMatchObject({
    workflowId: expect.stringMatching(`^restarts:${stage.projectId}:[0-9a-f-]{36}$`),
    joined: false,
  });
  const seen = await all(started);
  const texts = seen.map((progress) => JSON.stringify(progress));
  expect(new Set(texts).size).toBe(texts.length);
  expect(seen.some(({ phase, underWay }) => phase === 'restarting' && underWay === 2)).toBe(true);
  expect(seen.at(-1)).toMatchObject({
    phase: 'done',
    total: 5,
    running: 4,
    refused: 1,
    waiting: 0,
    underWay: 0,
    jobs: [],
    outcomes: [
      { jobId: refused[0], outcome: 'refused', errorCode: 'ModelArts.0105' },
      {},
      {},
      {},
      {},
    ],
  });
  expect(await describeBatch(stage.client, started)).toMatchObject({
    running: false,
    startedAt: expect.any(String),
    endedAt: expect.any(String),
    progress: { phase: 'done', running: 4 },
    failure: { type: 'SomeRestartsFailed' },
  });
});

it.concurrent('a second start of the same name joins the batch that is under way', async () => {
  const jobIds = addJobs(stage, 6_021, 2, { steps: STARTING });
  const first = await start({ jobIds, name: 'nightly/1' });
  const second = await start({ jobIds: ['1'], name: 'nightly/1' });
  expect(first).toMatchObject({ joined: false, workflowId: batchId(stage.projectId, 'nightly/1') });
  expect(second).toEqual({ ...first, joined: true });
  for (const jobId of jobIds) await untilWaiting(stage, jobId);
  for (const jobId of jobIds) stage.simulator.setStatus(jobId, 8);
  for (const seen of await Promise.all([all(first), all(second)])) {
    expect(seen.at(-1)).toMatchObject({ phase: 'done', total: 2, running: 2, name: 'nightly/1' });
  }
  expect(acceptedOf(stage, jobIds)).toEqual([1, 1]);
});

it.concurrent(
  'a cancelled batch is followed to its outcome, and described as canceled',
  async () => {
    const jobIds = addJobs(stage, 6_031, 3, { steps: STARTING });
    const started = await start({ jobIds, maxConcurrent: 1 });
    await untilWaiting(stage, jobIds[0]!);
    expect(await describeBatch(stage.client, started)).toMatchObject({
      running: true,
      progress: { phase: 'restarting', waiting: 2, jobs: [jobIds[0]] },
    });
    const following = all(started);
    const { workflowId } = started;
    expect(await cancelBatch(stage.client, { workflowId })).toMatchObject({ terminated: false });
    expect((await following).at(-1)).toMatchObject({
      phase: 'done',
      failures: [{ jobId: jobIds[0], outcome: 'canceled', message: '' }],
      canceled: 1,
      skipped: 2,
    });
    expect(await describeBatch(stage.client, { workflowId })).toMatchObject({
      running: false,
      canceled: true,
      progress: { canceled: 1, skipped: 2 },
    });
    await expect(cancelBatch(stage.client, { workflowId })).rejects.toThrow(RestartNotFoundError);
  },
);

it.concurrent.each([
  ['get no answer', 6_036, { code: 4, afterMs: 1_000, times: 3 }],
  ['are refused for a moment', 6_046, { code: 14, afterMs: 0, times: 6 }],
])(
  'the counts of a cancelled batch are its last ones, also where queries %s',
  async (_how, first, { code, afterMs, times }) => {
    const jobIds = addJobs(stage, first, 3, { steps: STARTING });
    const started = await start({ jobIds, maxConcurrent: 1 });
    await untilWaiting(stage, jobIds[0]!);
    let isCancelled = false;
    let silent = 0;
    const query: WorkflowClientInterceptor['query'] = async (input, next) => {
      if (!isCancelled || silent === times) return next(input);
      silent += 1;
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const details = 'not now';
      throw Object.assign(new Error(details), { code, details, metadata: {} });
    };
    const { connection } = stage.env;
    const client = new Client({ connection, interceptors: { workflow: [{ query }] } });
    const seen: BatchProgress[] = [];
    for await (const progress of followBatch(client, started, { everyMs: 100 })) {
      seen.push(progress);
      if (isCancelled) continue;
      await cancelBatch(stage.client, started);
      // From here on the end is known: one query is left alone for it, and the others ask for the last counts.
      await endOfBatch(stage.client.workflow.getHandle(started.workflowId));
      isCancelled = true;
    }
    expect(silent).toBe(times);
    expect(seen.at(-1)).toMatchObject({ phase: 'done', underWay: 0, canceled: 1, skipped: 2 });
  },
);

it.concurrent('a batch that is terminated leaves its restarts under way, and says so', async () => {
  const [jobId] = addJobs(stage, 6_041, 1, { steps: STARTING }) as [string];
  const started = await start({ jobIds: [jobId] });
  const member = await untilWaiting(stage, jobId);
  const following = all(started).catch((error: unknown) => error);
  await cancelBatch(stage.client, started, { terminate: true });
  const gone = expect.stringContaining('the batch is gone: it was terminated in Temporal. ');
  expect(await following).toMatchObject({ type: 'RestartUnknown', message: gone });
  expect(await describeBatch(stage.client, started)).toMatchObject({ failure: { message: gone } });
  expect((await member.describe()).status.name).toBe('RUNNING');
  await member.cancel();
});

it('bad input is refused before anything is started', async () => {
  const bad = { jobIds: ['0'], maxConcurrent: 0 };
  const failure: unknown = await start(bad).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InvalidInputError);
  expect((failure as InvalidInputError).problems).toHaveLength(2);
});

it('a selection that ModelArts refuses ends the following with the batch’s own failure', async () => {
  const refusal = { status: 403, code: 'ModelArts.0108', message: 'no right' };
  stage.simulator.fault({ operation: 'list', kind: 'refuse', ...refusal });
  const failure: unknown = await all(await start({ select: {} })).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RestartError);
  expect(failure).toMatchObject({ type: 'ModelArts.0108' });
});

it('nothing is started on a queue where nobody listens, and the message says how to end a batch', async () => {
  const name = 'nobody';
  const taskQueue = uniqueTaskQueue();
  const options = { projectId: stage.projectId, taskQueue };
  const failure: unknown = await startBatch(stage.client, { jobIds: ['1'], name }, options).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(NoWorkerError);
  expect(failure).toMatchObject({ waits: false });
  const { workflowId } = failure as NoWorkerError;
  await expect(describeBatch(stage.client, { workflowId })).rejects.toThrow(RestartNotFoundError);
  const { message } = new NoWorkerError(taskQueue, workflowId, 'why');
  expect(message).toContain('No worker takes the batch up');
  expect(message).toContain(`"modelarts-restarter cancel '${workflowId}' --terminate"`);
  expect(message).not.toContain('timeout');
});

it('the end of a batch is its own, also where another batch of its name has been started since', async () => {
  const jobIds = addJobs(stage, 9_901, 2, { steps: STARTING });
  const input: BatchInput = { jobIds, name: 'once more', ifRunning: 'attach' };
  const first = await start(input);
  // It hears late of the end, as over a connection that was lost meanwhile.
  const late = new Client({ connection: stage.env.connection });
  let hear = (): void => undefined;
  const heard = new Promise<void>((resolve) => (hear = resolve));
  const result = late.workflow.result.bind(late.workflow);
  late.workflow.result = (async (...args: Parameters<typeof result>) => {
    const [ended] = await Promise.allSettled([result(...args), heard]);
    if (ended.status === 'rejected') throw ended.reason;
    return ended.value as unknown;
  }) as typeof late.workflow.result;
  const seen: BatchProgress[] = [];
  const following = (async () => {
    for await (const progress of followBatch(late, first, { everyMs: 100 })) {
      seen.push(progress);
    }
  })();
  await untilWaiting(stage, jobIds[0]!);
  await eventually(() => seen.some(({ underWay }) => underWay === 2) || undefined);
  await cancelBatch(stage.client, first);
  await endOfBatch(stage.client.workflow.getHandle(first.workflowId, first.runId));
  const second = await start(input);
  expect(second).toMatchObject({ workflowId: first.workflowId, joined: false });
  await new Promise((resolve) => setTimeout(resolve, 500));
  hear();
  await following;
  expect(seen.at(-1)).toMatchObject({ phase: 'done', total: 2, running: 0 });
  expect(new Set(seen.map(({ startedAt }) => startedAt)).size).toBe(1);
  await cancelBatch(stage.client, second, { terminate: true });
});
