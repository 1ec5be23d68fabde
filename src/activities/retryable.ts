import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ServiceError } from '../domain/answer.js';

/** Another worker takes the wait over almost at once. Temporal takes 0 for "never". */
const HAND_OVER_MS = 10;

/** A look that got no usable answer: Temporal shows it on the pending activity and looks again. */
export function lookFailed(error: ServiceError, retryInMs: number): ApplicationFailure {
  const code = error.code ?? (error.httpStatus === undefined ? '' : `HTTP ${error.httpStatus}`);
  return benign(
    'LookFailed',
    `LookFailed: ${code === '' ? '' : `${code}: `}${error.message}`,
    retryInMs,
    [error],
  );
}

/** The worker stops: ends this attempt so that another worker's goes on. */
export function workerStopping(details: unknown[] = []): ApplicationFailure {
  const message = 'WorkerStopping: another worker goes on with this wait';
  return benign('WorkerStopping', message, HAND_OVER_MS, details);
}

/** Neither an error in the logs nor in the metrics, and without a stack in the history. */
function benign(
  type: string,
  message: string,
  nextRetryDelay: number,
  details: unknown[],
): ApplicationFailure {
  const category = ApplicationFailureCategory.BENIGN;
  const failure = ApplicationFailure.create({ type, message, nextRetryDelay, details, category });
  failure.stack = '';
  return failure;
}
