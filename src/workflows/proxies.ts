import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { RestartActivities } from '../activities/activities.js';

/** A worker that beats every 4s and has been silent for so long is taken for dead. */
const REQUEST_HEARTBEAT = '15s';

/** Longest exchange that a worker's settings allow (5m), and time to come and go. */
const LONGEST_EXCHANGE = '330s';

/** Facts of the worker: at hand, so a slow answer means a lost one. */
export const facts = proxyActivities<Pick<RestartActivities, 'describeWorker'>>({
  startToCloseTimeout: '10s',
});

/**
 * One look per attempt; the attempts say themselves when the next one is due (`nextRetryDelay`),
 * so the policy's numbers count only for attempts that died: soon, and evenly spaced.
 */
export const looks = proxyActivities<Pick<RestartActivities, 'lookAtJob'>>({
  startToCloseTimeout: LONGEST_EXCHANGE,
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});

/**
 * One attempt, whatever happens: Temporal can't know whether the request went out. The workflow
 * does not leave before the answer is there, so a cancellation can't leave that open either.
 * Start-to-close and send-by are set at each call, since they depend on the worker's settings.
 */
export const requests = proxyActivities<Pick<RestartActivities, 'requestRestart' | 'requestStop'>>({
  startToCloseTimeout: LONGEST_EXCHANGE,
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
});

/**
 * One attempt that stays. It beats every 20s; a minute of silence means that its worker is dead,
 * and the next attempt goes on after a second. TRY_CANCEL: the next wait of the same workflow ends
 * a cancelled one on the worker, so there is nothing to wait for.
 */
export const waits = proxyActivities<
  Pick<RestartActivities, 'waitForStatusChange' | 'followRestart' | 'updateRestart'>
>({
  startToCloseTimeout: '15d',
  heartbeatTimeout: '60s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});
