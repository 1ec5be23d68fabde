import { randomUUID } from 'node:crypto';
import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { updateRestart } from '../../src/activities/other-restart.js';
import type { RestartAccepted } from '../../src/domain/outcome.js';
import { endOf, eventually, openStage, progressWhen, type Stage } from '../setup/stage.js';
import { addJobs, endOfBatch, startBatch, STARTING, untilWaiting } from './batches.js';

/** Waits until a batch follows so many restarts that it has not started. */
const untilJoined = (batch: WorkflowHandle, restarts: number): Promise<true> =>
  eventually(async () => {
    const { pendingActivities } = (await batch.describe()).raw;
    return pendingActivities?.length === restarts || undefined;
  });

it('those who follow restarts leave room on the worker for the looks of these restarts', async () => {
  // The worker has 100 slots, the SDK's default.
  const stage = await openStage({ waitSlots: 1, followSlots: 40 });
  try {
    const jobIds = addJobs(stage, 1, 40, { steps: STARTING });
    for (const jobId of jobIds) await stage.start({ jobId, timeout: '3m' });
    for (const jobId of jobIds) await untilWaiting(stage, jobId);
    // Each joins all restarts: 120 follow.
    const input = { jobIds, maxConcurrent: 100 };
    const batches = await Promise.all([1, 2, 3].map(() => startBatch(stage, input)));
    for (const batch of batches) await untilJoined(batch, 40);
    // Time for the looks that are under way to end, and to leave their slots to those who follow.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    for (const jobId of jobIds) stage.simulator.setStatus(jobId, 8);
    for (const batch of batches) {
      expect(await endOfBatch(batch)).toMatchObject({ outcome: { total: 40, running: 40 } });
    }
  } finally {
    await stage.close();
  }
}, 240_000);

/** Waits until an update that the workflow passes on has found no room on the worker. */
const untilPutOff = (workflow: WorkflowHandle): Promise<true> =>
  eventually(async () => {
    const { pendingActivities } = (await workflow.describe()).raw;
    const updating = pendingActivities?.find(
      ({ activityType }) => activityType?.name === 'updateRestart',
    );
    return updating?.lastFailure?.applicationFailureInfo?.type === 'LookLater' || undefined;
  });

describe('an update that finds no room among those who follow', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ followSlots: 1 });
  });
  afterAll(() => stage.close());

  /** A joiner of a restart that waits, and its update `accepted`, which was put off. */
  const putOff = async (jobId: string) => {
    // KILLING: the restart waits until the job is down before it asks for anything.
    addJobs(stage, Number(jobId), 1, { status: 9, steps: STARTING });
    const restart = await stage.start({ jobId, timeout: '5m' });
    await progressWhen(restart, ({ last }) => last?.code === 9);
    const joiner = await stage.startWith([{ jobId, projectId: stage.projectId }]);
    await untilJoined(joiner, 1);
    const accepted = joiner.executeUpdate<RestartAccepted, []>('accepted').then(
      (answer) => answer,
      (error: unknown) => error,
    );
    await untilPutOff(joiner);
    return { restart, joiner, accepted };
  };

  it('is asked again', async () => {
    const { joiner, accepted } = await putOff('1');
    stage.simulator.setStatus('1', 12);
    expect(await accepted).toMatchObject({ attached: true, acceptedAt: expect.any(String) });
    stage.simulator.setStatus('1', 8);
    await endOf(joiner);
  }, 120_000);

  it('is asked of the same run, where a later restart of the job has begun meanwhile', async () => {
    const { restart, joiner, accepted } = await putOff('2');
    const { runId } = await restart.describe();
    const question = { workflowId: restart.workflowId, update: 'accepted' as const, args: [] };
    const stopping = new AbortController().signal;
    // Another attempt, with a question of its own.
    const ask = (heartbeatDetails: unknown): Promise<unknown> =>
      new MockActivityEnvironment({ heartbeatDetails }).run(
        (updateId: string) =>
          updateRestart(stage.client, stopping, { ...question, updateId }, true),
        randomUUID(),
      );
    await restart.terminate();
    stage.simulator.setStatus('2', 12);
    const later = await stage.start({ jobId: '2' });
    await untilWaiting(stage, '2');
    expect(await ask(undefined)).toMatchObject({ kind: 'answered' });
    expect(await ask({ runId })).toEqual({ kind: 'lost' });
    stage.simulator.setStatus('2', 8);
    expect(await endOf(later)).toMatchObject({ outcome: { outcome: 'running' } });
    expect(await accepted).toBeInstanceOf(WorkflowUpdateFailedError);
    expect(await endOf(joiner)).toMatchObject({ type: 'RestartUnknown' });
  }, 120_000);
});
