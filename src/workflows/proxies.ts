import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { RestartActivities } from '../activities/activities.js';

/** A worker heartbeats every 4s; one that is silent for this long counts as dead. */
const REQUEST_HEARTBEAT = '15s';

/** The longest exchange that a worker's settings allow (5m), and time for the way there and back. */
const LONGEST_EXCHANGE = '330s';

/** A worker has these facts in memory, so an answer that takes longer is lost. */
export const facts = proxyActivities<Pick<RestartActivities, 'describeWorker'>>({
  startToCloseTimeout: '10s',
});

/**
 * One look per attempt. A failed attempt sets the time of the next one (`nextRetryDelay`), so this
 * policy applies only after an attempt that died: try again soon, at even intervals.
 */
export const looks = proxyActivities<Pick<RestartActivities, 'lookAtJob'>>({
  startToCloseTimeout: LONGEST_EXCHANGE,
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});

/**
 * An attempt reads the list page by page, 100 pages of at most 20 seconds at the longest (ModelArts may
 * give 100 jobs a page), up to three times. The time of the next attempt is set as for looks.
 */
export const lists = proxyActivities<Pick<RestartActivities, 'selectJobs'>>({
  startToCloseTimeout: '2h',
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});

/**
 * One attempt only, because Temporal can't know whether the request went out. The workflow waits for
 * the answer even when it is cancelled, so that the answer is never unknown for that reason.
 * Each call sets its own timeouts, because they depend on the worker's settings.
 */
export const requests = proxyActivities<Pick<RestartActivities, 'requestRestart' | 'requestStop'>>({
  startToCloseTimeout: LONGEST_EXCHANGE,
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
});

/**
 * One attempt lasts for the whole wait. It heartbeats every 20s; after a minute of silence its worker
 * counts as dead, and the next attempt starts a second later. TRY_CANCEL, because the workflow's next
 * wait ends a cancelled one on the worker, so nothing needs to wait for the cancellation.
 */
export const waits = proxyActivities<
  Pick<RestartActivities, 'waitForStatusChange' | 'followRestart' | 'updateRestart'>
>({
  startToCloseTimeout: '15d',
  heartbeatTimeout: '60s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});
