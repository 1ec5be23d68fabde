import { defineSearchAttributeKey } from '@temporalio/common';
import {
  continueAsNew,
  proxyActivities,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobRef } from '../../src/domain/ids.js';
import type { UsualActivities } from './activities.js';
import type { Pace } from './pace.js';
import type { RestartActivities } from './restart-activities.js';

const { lookOnce, request, lookUntilUp, look, nothing } = proxyActivities<
  UsualActivities & RestartActivities
>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1d',
});

const RUNNING = 8;

/** Waits in the usual way: an activity looks once, and fails while the job is not up. */
export async function usualWait(job: JobRef, pollIntervalMs: number): Promise<number> {
  return lookOnce(job, pollIntervalMs);
}

/** Restarts a job, and waits for it in the usual way. */
export async function usualRestart(job: JobRef, pace: Pace): Promise<number> {
  await request(job, pace);
  await lookUntilUp(job, pace);
  return workflowInfo().historyLength;
}

/**
 * Restarts a job, and waits for it in a loop of timers and short activities. Returns the number of
 * events of all its runs.
 */
export async function timerRestart(job: JobRef, pace: Pace, eventsBefore = -1): Promise<number> {
  if (eventsBefore < 0) await request(job, pace);
  while ((await look(job, pace)) !== RUNNING) {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested) {
      await continueAsNew<typeof timerRestart>(
        job,
        pace,
        Math.max(0, eventsBefore) + historyLength,
      );
    }
    await sleep(pace.pollMs);
  }
  return Math.max(0, eventsBefore) + workflowInfo().historyLength;
}

/** Two activities that do nothing: what a workflow costs at the least. */
export async function bare(): Promise<void> {
  await nothing();
  await nothing();
}

const JOB_ID = defineSearchAttributeKey('ModelArtsJobId', 'KEYWORD');
const OUTCOME = defineSearchAttributeKey('ModelArtsOutcome', 'KEYWORD');

/** Does nothing either, but with as many activities and search attributes as a restart of a job that comes up at once. */
export async function likeRestart(jobId: string): Promise<void> {
  await nothing();
  upsertSearchAttributes([{ key: JOB_ID, value: jobId }]);
  await nothing();
  await nothing();
  upsertSearchAttributes([{ key: OUTCOME, value: 'running' }]);
}
