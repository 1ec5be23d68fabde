import { defineSearchAttributeKey } from '@temporalio/common';
import { restartId } from '../../src/domain/ids.js';
import { attributeNamesOf } from '../setup/search-attributes.js';
import { endOf, openStage, progressWhen, type Stage } from '../setup/stage.js';
import {
  acceptedOf,
  addJobs,
  batchWhen,
  endOfBatch,
  newest,
  startBatch,
  STARTING,
  untilWaiting,
} from './batches.js';

const BATCH = defineSearchAttributeKey('ModelArtsBatch', 'KEYWORD');

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const theRestart = (jobId: string) =>
  stage.client.workflow.getHandle(restartId(stage.projectId, jobId));

describe('by ids', () => {
  it.concurrent(
    'restarts each job once, and tells how each ended, in the order given',
    async () => {
      const jobIds = addJobs(stage, 1_001, 5).toReversed();
      const end = await endOfBatch(
        await startBatch(stage, { jobIds: [...jobIds, 1_001, '1003'], maxConcurrent: 2 }),
      );
      expect(end).toMatchObject({
        status: 'completed',
        outcome: { total: 5, running: 5, refused: 0, skipped: 0, invalid: 0 },
      });
      expect(end.status === 'completed' && end.outcome.outcomes).toEqual(
        jobIds.map((jobId) => ({ jobId, outcome: 'running' })),
      );
      expect(acceptedOf(stage, jobIds)).toEqual([1, 1, 1, 1, 1]);
    },
  );

  it.concurrent('has no more restarts under way at a time than it may', async () => {
    const jobIds = addJobs(stage, 1_011, 5, { steps: STARTING });
    const handle = await startBatch(stage, { jobIds, maxConcurrent: 2 });
    for (const [index, jobId] of jobIds.entries()) {
      const shown = await batchWhen(handle, ({ jobs }) => jobs.includes(jobId));
      expect(shown.underWay).toBeLessThanOrEqual(2);
      expect(shown.waiting + shown.underWay + shown.running).toBe(5);
      expect(acceptedOf(stage, jobIds.slice(index + 2))).not.toContain(1);
      await untilWaiting(stage, jobId);
      stage.simulator.setStatus(jobId, 8);
      await batchWhen(handle, ({ running }) => running > index);
    }
    expect(await endOfBatch(handle)).toMatchObject({ status: 'completed' });
  });

  it.concurrent('gives each restart the keys, the reason and where it came from', async () => {
    const [jobId] = addJobs(stage, 1_021, 1, { steps: STARTING }) as [string];
    const askedMs = Date.now();
    const handle = await startBatch(stage, {
      jobIds: [jobId],
      name: 'nightly',
      reason: 'a test',
      requestedBy: 'somebody',
      pollInterval: '2s',
    });
    await untilWaiting(stage, jobId);
    const member = await theRestart(jobId).describe();
    expect(member.parentExecution?.workflowId).toBe(handle.workflowId);
    expect(member.memo).toEqual({
      batch: handle.workflowId,
      batchName: 'nightly',
      askedAtMs: expect.any(Number),
    });
    expect(Number(member.memo?.['askedAtMs'])).toBeGreaterThan(askedMs - 1_000);
    expect(await member.staticSummary()).toBe(`restart job ${jobId}, of the batch nightly`);
    expect(member.typedSearchAttributes.get(BATCH)).toBe('nightly');
    expect((await handle.describe()).typedSearchAttributes.get(BATCH)).toBe('nightly');
    stage.simulator.setStatus(jobId, 8);
    expect(await endOf(theRestart(jobId))).toMatchObject({
      outcome: { reason: 'a test', requestedBy: 'somebody' },
    });
    expect(await attributeNamesOf(theRestart(jobId))).toEqual({
      atStart: ['ModelArtsBatch'],
      written: ['ModelArtsJobId', 'ModelArtsOutcome'],
    });
    expect(await endOfBatch(handle)).toMatchObject({ outcome: { name: 'nightly' } });
  });

  it.concurrent('joins a restart that is under way, and takes its outcome', async () => {
    const jobIds = addJobs(stage, 1_031, 2, { steps: STARTING });
    const first = await stage.start({ jobId: jobIds[0]! });
    await progressWhen(first, ({ last }) => last?.code === 7);
    const handle = await startBatch(stage, { jobIds });
    await untilWaiting(stage, jobIds[1]!);
    expect(await batchWhen(handle, ({ underWay }) => underWay === 2)).toMatchObject({
      jobs: jobIds,
    });
    stage.simulator.setStatus(jobIds[0]!, 8);
    stage.simulator.setStatus(jobIds[1]!, 8);
    expect(await endOfBatch(handle)).toMatchObject({ outcome: { total: 2, running: 2 } });
    expect(acceptedOf(stage, jobIds)).toEqual([1, 1]);
  });

  it.concurrent('has few history events for each job', async () => {
    const jobIds = addJobs(stage, 1_041, 20, { steps: [{ afterMs: 0, status: 8 }] });
    const handle = await startBatch(stage, { jobIds });
    expect(await endOfBatch(handle)).toMatchObject({ outcome: { running: 20 } });
    const { events } = await handle.fetchHistory();
    // 3 of each child, and the tasks that several children share.
    expect(events!.length).toBeLessThan(20 * 8);
  });
});

describe('jobs that do not get there', () => {
  it.concurrent('do not end the batch, which fails at its end and says what to do', async () => {
    const good = addJobs(stage, 1_101, 3);
    const refused = addJobs(stage, 1_111, 2, { status: 8 });
    const failing = addJobs(stage, 1_121, 1, {
      steps: [...STARTING, { afterMs: 100, status: 11 }],
    });
    const jobIds = [...refused, ...failing, ...good];
    const end = await endOfBatch(await startBatch(stage, { jobIds, maxConcurrent: 1 }));
    expect(end).toMatchObject({
      status: 'failed',
      type: 'SomeRestartsFailed',
      message: expect.stringMatching(
        /^SomeRestartsFailed: 3 of 6 jobs did not get there: 2 refused, 1 failed\. .* start a batch of those jobs\.$/,
      ),
      stack: '',
      outcome: { total: 6, running: 3, refused: 2, failed: 1, skipped: 0 },
    });
    expect(end.status === 'failed' && end.outcome?.outcomes).toEqual([
      ...refused.map((jobId) => ({ jobId, outcome: 'refused', errorCode: 'ModelArts.0105' })),
      ...failing.map((jobId) => ({ jobId, outcome: 'failed' })),
      ...good.map((jobId) => ({ jobId, outcome: 'running' })),
    ]);
  });

  it.concurrent(
    'stop the batch after so many: the rest is skipped, those under way go on',
    async () => {
      const slow = addJobs(stage, 1_131, 1, { steps: STARTING });
      const refused = addJobs(stage, 1_141, 2, { status: 8 });
      const rest = addJobs(stage, 1_151, 3);
      const jobIds = [...slow, ...refused, ...rest];
      const handle = await startBatch(stage, { jobIds, maxConcurrent: 2, stopAfterFailures: 2 });
      const stopped = await batchWhen(handle, ({ skipped }) => skipped > 0);
      expect(stopped).toMatchObject({
        phase: 'restarting',
        refused: 2,
        skipped: 3,
        waiting: 0,
        underWay: 1,
        jobs: slow,
        failures: refused.map((jobId) => ({
          jobId,
          outcome: 'refused',
          errorCode: 'ModelArts.0105',
          message: expect.stringMatching(/^ModelArts\.0105: /),
        })),
      });
      await untilWaiting(stage, slow[0]!);
      stage.simulator.setStatus(slow[0]!, 8);
      expect(await endOfBatch(handle)).toMatchObject({
        type: 'SomeRestartsFailed',
        outcome: { running: 1, refused: 2, skipped: 3 },
      });
      expect(acceptedOf(stage, rest)).toEqual([0, 0, 0]);
    },
  );

  it.concurrent('are `unknown` where somebody terminates the restart', async () => {
    const jobIds = addJobs(stage, 1_161, 1, { steps: STARTING });
    const handle = await startBatch(stage, { jobIds });
    await untilWaiting(stage, jobIds[0]!);
    await theRestart(jobIds[0]!).terminate();
    expect(await endOfBatch(handle)).toMatchObject({ outcome: { unknown: 1 } });
  });

  it.concurrent(
    'are `canceled` where somebody cancels the restart, and the batch is not',
    async () => {
      const jobIds = addJobs(stage, 1_171, 1, { steps: STARTING });
      const handle = await startBatch(stage, { jobIds });
      await untilWaiting(stage, jobIds[0]!);
      await theRestart(jobIds[0]!).cancel();
      expect(await endOfBatch(handle)).toMatchObject({
        status: 'failed',
        outcome: { canceled: 1 },
      });
    },
  );
});

describe('the Temporal UI', () => {
  it.concurrent('shows a bar, the counts, what it waits for and what has failed', async () => {
    const slow = addJobs(stage, 1_201, 1, { steps: STARTING });
    const refused = addJobs(stage, 1_211, 1, { status: 8 });
    const handle = await startBatch(stage, { jobIds: [...refused, ...slow], name: 'shown' });
    await batchWhen(handle, (progress) => progress.refused === 1);
    await untilWaiting(stage, slow[0]!);
    const details = async () =>
      (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata'))
        .currentDetails;
    expect(await details()).toContain(
      '**Batch shown**: `█████░░░░░` 1 of 2 · 1 refused · 1 under way\n**Now**: nothing more to send; waits for 1201\n',
    );
    expect(await details()).toContain('- job 1211: refused: ModelArts.0105: ');
    stage.simulator.setStatus(slow[0]!, 8);
    await endOfBatch(newest(stage, handle));
    expect(await details()).toContain('SomeRestartsFailed: 1 of 2 jobs did not get there');
  });
});
