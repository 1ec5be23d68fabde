import type { BatchProgress } from '../../src/domain/batch-outcome.js';
import { endOf, openStage, type Stage } from '../setup/stage.js';
import {
  acceptedOf,
  addJobs,
  batchWhen,
  endOfBatch,
  startBatch,
  STARTING,
  untilWaiting,
} from './batches.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const stops = (jobIds: readonly string[]): number[] =>
  jobIds.map((jobId) => stage.simulator.requests({ jobId, operation: 'stop' }).length);

it.concurrent(
  'a cancelled batch cancels what it started, sends nothing more, and tells how all ended',
  async () => {
    const jobIds = addJobs(stage, 3_001, 4, { steps: STARTING });
    const handle = await startBatch(stage, { jobIds, maxConcurrent: 2 });
    const members = await Promise.all(
      jobIds.slice(0, 2).map((jobId) => untilWaiting(stage, jobId)),
    );
    await handle.cancel();
    expect(await endOfBatch(handle)).toEqual({ status: 'canceled' });
    // It has waited for them.
    for (const member of members) {
      expect((await member.describe()).status.name).toBe('CANCELLED');
    }
    expect(await handle.query<BatchProgress>('progress')).toMatchObject({
      phase: 'done',
      total: 4,
      canceled: 2,
      skipped: 2,
      underWay: 0,
      waiting: 0,
      endedAt: expect.any(String),
      outcomes: jobIds.map((jobId, index) => ({
        jobId,
        outcome: index < 2 ? 'canceled' : 'skipped',
      })),
    });
    expect(acceptedOf(stage, jobIds)).toEqual([1, 1, 0, 0]);
    expect(stops(jobIds)).toEqual([0, 0, 0, 0]);
  },
);

it.concurrent(
  'each restart’s `onCancel` counts, and the batch waits until the jobs are down',
  async () => {
    const jobIds = addJobs(stage, 3_011, 2, { steps: STARTING });
    const handle = await startBatch(stage, { jobIds, onCancel: 'stop' });
    for (const jobId of jobIds) await untilWaiting(stage, jobId);
    await handle.cancel();
    expect(await endOfBatch(handle)).toEqual({ status: 'canceled' });
    expect(stops(jobIds)).toEqual([1, 1]);
    expect(jobIds.map((jobId) => stage.simulator.job(jobId).status)).toEqual([12, 12]);
  },
);

it.concurrent('a restart that it joined is left alone', async () => {
  const [mine, theirs] = addJobs(stage, 3_021, 2, { steps: STARTING }) as [string, string];
  const first = await stage.start({ jobId: theirs, onCancel: 'stop' });
  await untilWaiting(stage, theirs);
  const handle = await startBatch(stage, { jobIds: [mine, theirs], onCancel: 'stop' });
  await untilWaiting(stage, mine);
  await batchWhen(handle, ({ underWay }) => underWay === 2);
  await handle.cancel();
  expect(await endOfBatch(handle)).toEqual({ status: 'canceled' });
  expect((await first.describe()).status.name).toBe('RUNNING');
  expect(stops([mine, theirs])).toEqual([1, 0]);
  stage.simulator.setStatus(theirs, 8);
  expect(await endOf(first)).toMatchObject({ status: 'completed' });
});

it.concurrent(
  'cancelled right at its start, it has sent nothing that it does not cancel',
  async () => {
    const jobIds = addJobs(stage, 3_031, 10, { steps: STARTING });
    const handle = await startBatch(stage, { jobIds });
    await handle.cancel();
    expect(await endOfBatch(handle)).toEqual({ status: 'canceled' });
    const query = `ParentWorkflowId = '${handle.workflowId}' AND ExecutionStatus = 'Running'`;
    for await (const left of stage.client.workflow.list({ query })) {
      throw new Error(`${left.workflowId} is still under way`);
    }
    const { total, skipped, canceled } = await handle.query<BatchProgress>('progress');
    expect([total, skipped + canceled]).toEqual([10, 10]);
  },
);
