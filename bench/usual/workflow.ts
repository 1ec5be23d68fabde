import { proxyActivities } from '@temporalio/workflow';
import type { JobRef } from '../../src/domain/ids.js';
import type { UsualActivities } from './activities.js';

const { lookOnce } = proxyActivities<UsualActivities>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1d',
});

/** Waits in the usual way: an activity looks once, and fails while the job is not up. */
export async function usualWait(job: JobRef, pollIntervalMs: number): Promise<number> {
  return lookOnce(job, pollIntervalMs);
}
