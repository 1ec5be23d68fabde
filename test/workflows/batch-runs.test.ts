import * as client from '../../src/client/index.js';
import type { BatchProgress } from '../../src/domain/batch-outcome.js';
import { endOf, openStage, type Stage } from '../setup/stage.js';
import {
  acceptedOf,
  addJobs,
  batchWhen,
  endOfBatch,
  newest,
  shortRunsBundle,
  startBatch,
  STARTING,
  untilWaiting,
} from './batches.js';

/*
 * A long batch goes on in new runs. Here a run is long after a few jobs (`short-runs.ts`).
 */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ workflowBundle: await shortRunsBundle() });
});
afterAll(() => stage.close());

/** The runs of a batch, oldest first, and how many events each has. */
async function runsOf(workflowId: string): Promise<{ runId: string; events: number }[]> {
  const runs: { runId: string; events: number }[] = [];
  let { runId } = await stage.client.workflow.getHandle(workflowId).describe();
  for (let next: string | undefined = runId; next !== undefined;) {
    runId = next;
    const { events } = await stage.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.unshift({ runId, events: events?.length ?? 0 });
    // The next run would take a start without an answer for somebody else's.
    const starts = events?.filter(
      (event) => event.startChildWorkflowExecutionInitiatedEventAttributes,
    );
    const answers = events?.filter(
      (event) =>
        event.childWorkflowExecutionStartedEventAttributes ??
        event.startChildWorkflowExecutionFailedEventAttributes,
    );
    expect(answers?.length).toBe(starts?.length);
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    next = started?.continuedExecutionRunId || undefined;
  }
  return runs;
}

it.concurrent(
  'goes on in new runs with restarts under way: nothing lost, nothing repeated',
  async () => {
    const jobIds = addJobs(stage, 4_001, 20);
    const refused = addJobs(stage, 4_101, 3, { status: 8 });
    const all = [...jobIds.slice(0, 5), ...refused, ...jobIds.slice(5)];
    const handle = await startBatch(stage, { jobIds: all, maxConcurrent: 4, name: 'in runs' });
    const seen: BatchProgress[] = [];
    const ended = endOfBatch(handle);
    void (async () => {
      while (seen.at(-1)?.phase !== 'done') {
        seen.push(await newest(stage, handle).query<BatchProgress>('progress'));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })().catch(() => undefined);
    const end = await ended;
    expect(end).toMatchObject({
      status: 'failed',
      outcome: { total: 23, running: 20, refused: 3, name: 'in runs' },
    });
    expect(end.status === 'failed' && end.outcome?.outcomes.map(({ jobId }) => jobId)).toEqual(all);
    expect(acceptedOf(stage, jobIds)).toEqual(jobIds.map(() => 1));
    const runs = await runsOf(handle.workflowId);
    expect(runs.length).toBeGreaterThan(2);
    for (const { events } of runs) expect(events).toBeLessThan(120);
    // What `progress` says never goes back, and begins when the batch began.
    const done = seen.map(({ running, refused: no }) => running + no);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(new Set(seen.map(({ startedAt }) => startedAt)).size).toBe(1);
    for (const { total, waiting, underWay, running, refused: no } of seen.filter(
      ({ projectId }) => projectId,
    )) {
      expect(waiting + underWay + running + no).toBe(total);
    }
  },
  60_000,
);

it.concurrent(
  'keeps its search attribute in every run',
  async () => {
    const jobIds = addJobs(stage, 4_201, 15, { steps: [{ afterMs: 0, status: 8 }] });
    const handle = await startBatch(stage, { jobIds, maxConcurrent: 3, name: 'kept' });
    await endOfBatch(handle);
    const runs = await runsOf(handle.workflowId);
    expect(runs.length).toBeGreaterThan(1);
    for (const { runId } of runs) {
      const described = await stage.client.workflow.getHandle(handle.workflowId, runId).describe();
      const fields = described.raw.workflowExecutionInfo?.searchAttributes?.indexedFields ?? {};
      expect(Object.keys(fields)).toContain('ModelArtsBatch');
    }
  },
  60_000,
);

/** An attempt that Temporal gave to a worker which did not get it is made again after a minute; twice that. */
const TAKEN_UP_MS = 120_000;

/** A batch in its second run or later, with a restart under way that the first run started, and one that it joined. */
async function inLaterRun(first: number) {
  const [own, theirs] = addJobs(stage, first, 2, { steps: STARTING }) as [string, string];
  const quick = addJobs(stage, first + 10, 12, { steps: [{ afterMs: 0, status: 8 }] });
  const waiting = addJobs(stage, first + 50, 5, { steps: STARTING });
  const other = await stage.start({ jobId: theirs, timeout: '5m' });
  await untilWaiting(stage, theirs);
  const jobIds = [own, theirs, ...quick, ...waiting];
  const handle = await startBatch(stage, { jobIds, maxConcurrent: 4 });
  const ownRestart = await untilWaiting(stage, own);
  const batch = newest(stage, handle);
  await batchWhen(batch, ({ running }) => running === 12, 60_000);
  for (const jobId of waiting.slice(0, 2)) await untilWaiting(stage, jobId);
  expect((await runsOf(handle.workflowId)).length).toBeGreaterThan(1);
  return { batch, other, own, theirs, ownRestart, quick, waiting, jobIds };
}

it.concurrent(
  'follows in a later run what an earlier one started or joined',
  async () => {
    const { batch, other, own, theirs, waiting, jobIds } = await inLaterRun(4_301);
    for (const jobId of [own, theirs]) stage.simulator.setStatus(jobId, 8);
    await batchWhen(batch, ({ running }) => running === 14, TAKEN_UP_MS);
    for (const jobId of waiting) {
      await untilWaiting(stage, jobId);
      stage.simulator.setStatus(jobId, 8);
    }
    expect(await endOf(other)).toMatchObject({ status: 'completed' });
    expect(await endOfBatch(batch)).toMatchObject({
      status: 'completed',
      outcome: { total: 19, running: 19 },
    });
    expect(acceptedOf(stage, jobIds)).toEqual(jobIds.map(() => 1));
  },
  240_000,
);

it.concurrent(
  'cancelled in a later run, it cancels what an earlier one started, and leaves what it joined',
  async () => {
    const { batch, other, ownRestart, waiting } = await inLaterRun(4_401);
    await batch.cancel();
    expect(await endOfBatch(batch)).toEqual({ status: 'canceled' });
    expect((await ownRestart.describe()).status.name).toBe('CANCELLED');
    expect((await other.describe()).status.name).toBe('RUNNING');
    expect(await batch.query<BatchProgress>('progress')).toMatchObject({
      running: 12,
      canceled: 4,
      skipped: 3,
    });
    expect(acceptedOf(stage, waiting)).toEqual([1, 1, 0, 0, 0]);
    await other.cancel();
  },
  90_000,
);

it.concurrent(
  'a cancellation that comes while runs change is not lost',
  async () => {
    // Runs change every few jobs, so cancellations at many instants meet some of the changes.
    const batches = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const jobIds = addJobs(stage, 5_000 + 100 * index, 18, {
          steps: [{ afterMs: 0, status: 8 }],
        });
        const handle = await startBatch(stage, { jobIds, maxConcurrent: 4 });
        await batchWhen(newest(stage, handle), ({ running }) => running > 3 * index, 60_000);
        await newest(stage, handle).cancel();
        const end = await endOfBatch(newest(stage, handle));
        const progress = await newest(stage, handle).query<BatchProgress>('progress');
        expect((await runsOf(handle.workflowId)).length).toBeGreaterThanOrEqual(index > 1 ? 2 : 1);
        return { end, progress, accepted: acceptedOf(stage, jobIds) };
      }),
    );
    for (const { end, progress, accepted } of batches) {
      expect(end).toEqual({ status: 'canceled' });
      const { running, canceled, skipped } = progress;
      expect(running + canceled + skipped).toBe(18);
      expect(Math.max(...accepted)).toBe(1);
    }
  },
  120_000,
);

it('the client follows, describes and cancels a batch through its runs', async () => {
  const quick = addJobs(stage, 8_001, 14, { steps: [{ afterMs: 0, status: 8 }] });
  const slow = addJobs(stage, 8_021, 3, { steps: STARTING });
  const input = { jobIds: [...quick, ...slow], maxConcurrent: 2, pollInterval: '1s' };
  // The worker is busy with the batches of the tests before.
  const { projectId, taskQueue } = stage;
  const options = { projectId, taskQueue, workerWithinMs: 60_000 };
  const started = await client.startBatch(stage.client, input, options);
  const seen: BatchProgress[] = [];
  const following = (async () => {
    const all = client.followBatch(stage.client, started, { everyMs: 100 });
    for await (const progress of all) seen.push(progress);
  })();
  const batch = stage.client.workflow.getHandle(started.workflowId);
  await batchWhen(batch, ({ running }) => running === 14, 60_000);
  for (const jobId of slow.slice(0, 2)) await untilWaiting(stage, jobId);
  expect((await runsOf(started.workflowId)).length).toBeGreaterThan(1);
  const described = await client.describeBatch(stage.client, started);
  expect(described).toMatchObject({ running: true, progress: { running: 14, underWay: 2 } });
  expect(described.runId).not.toBe(started.runId);
  await client.cancelBatch(stage.client, started);
  await following;
  // It saw the counts of later runs, not those with which the first one ended.
  const counts = seen.map(({ running }) => running);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(seen.some(({ phase, running }) => phase === 'restarting' && running === 14)).toBe(true);
  expect(seen.at(-1)).toMatchObject({ phase: 'done', running: 14, canceled: 2, skipped: 1 });
  const { startedAt } = await client.describeBatch(stage.client, started);
  expect(startedAt).toBe(seen[0]!.startedAt);
}, 120_000);

it('workers that come and go between and within runs lose nothing and repeat nothing', async () => {
  const own = await openStage({ workflowBundle: await shortRunsBundle() });
  const [slow] = addJobs(own, 7_001, 1, { steps: STARTING }) as [string];
  const quick = addJobs(own, 7_011, 16);
  const handle = newest(own, await startBatch(own, { jobIds: [slow, ...quick], maxConcurrent: 4 }));
  for (const some of [2, 6, 10]) {
    await batchWhen(handle, ({ running }) => running >= some, TAKEN_UP_MS);
    await own.replaceWorker(async () => undefined);
  }
  // Not until 16 are up: if one of them ends otherwise, the outcome below says how.
  await batchWhen(handle, ({ waiting, underWay }) => waiting + underWay === 1, TAKEN_UP_MS);
  own.simulator.setStatus(slow, 8);
  expect(await endOfBatch(handle)).toMatchObject({ outcome: { total: 17, running: 17 } });
  expect(acceptedOf(own, [slow, ...quick])).toEqual(Array.from({ length: 17 }, () => 1));
  await own.close();
}, 600_000);
