import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

/** A failure that repeats the activity. It is made cheap: benign, so not logged, and without a stack. */
export function notYet(message: string, nextRetryDelayMs: number): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: 'NotYet',
    message,
    nextRetryDelay: nextRetryDelayMs,
    category: ApplicationFailureCategory.BENIGN,
  });
  failure.stack = '';
  return failure;
}
