import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { type ServiceError, withCode } from '../domain/answer.js';

/** Fits three times into the shortest heartbeat timeout (15s). The SDK sends one per 80 % of the timeout. */
export const REQUEST_BEAT_MS = 4_000;

/**
 * How often a waiting attempt renews its heartbeat details. The SDK sends the newest details once per
 * 48s, which is 80 % of the wait's heartbeat timeout (60s).
 */
export const STAY_BEAT_MS = 20_000;

/** The delay before another worker takes the wait over. Not 0, because Temporal takes 0 for "never". */
const HAND_OVER_MS = 10;

/**
 * Heartbeats while `work` runs, so that Temporal soon notices when the worker is gone.
 *
 * @param details read at each beat; the next attempt finds them in its `heartbeatDetails`
 */
export async function heartbeatWhile<T>(
  work: () => Promise<T>,
  everyMs = REQUEST_BEAT_MS,
  details: () => unknown = () => undefined,
): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(details()), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** The failure of a look without a usable answer. Temporal shows it on the pending activity and retries. */
export function lookFailed(error: ServiceError, retryInMs: number): ApplicationFailure {
  const { httpStatus } = error;
  const code = error.code ?? (httpStatus === undefined ? undefined : `HTTP ${httpStatus}`);
  return benign('LookFailed', `LookFailed: ${withCode(error, code)}`, retryInMs, [error]);
}

/** The failure that ends this attempt when the worker stops, so that another worker continues the wait. */
export function workerStopping(): ApplicationFailure {
  const message = 'WorkerStopping: another worker goes on with this wait';
  return benign('WorkerStopping', message, HAND_OVER_MS);
}

/** The failure that ends an attempt after one look or question. Temporal starts the next one when that is due. */
export function lookLater(inMs: number): ApplicationFailure {
  const message = 'LookLater: the worker has as many waits as it keeps, so it asks again later';
  return benign('LookLater', message, Math.max(1, Math.ceil(inMs)));
}

/** Makes a failure that counts as an error neither in logs nor in metrics, and leaves no stack in the history. */
function benign(
  type: string,
  message: string,
  nextRetryDelay: number,
  details: unknown[] = [],
): ApplicationFailure {
  const category = ApplicationFailureCategory.BENIGN;
  const failure = ApplicationFailure.create({ type, message, nextRetryDelay, details, category });
  failure.stack = '';
  return failure;
}
