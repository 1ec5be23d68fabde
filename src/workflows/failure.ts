import { ApplicationFailure } from '@temporalio/common';
import type { BatchOutcome } from '../domain/batch-outcome.js';
import { failureOf, invalidInput, type FailureText } from '../domain/failures.js';
import type { RestartOutcome } from '../domain/outcome.js';

/** Makes a non-retryable failure with the outcome as its first detail, and without a stack in the Temporal UI. */
export function failure(
  { type, message }: FailureText,
  outcome?: RestartOutcome | BatchOutcome,
): ApplicationFailure {
  const details = outcome === undefined ? [] : [outcome];
  return withoutStack(ApplicationFailure.create({ type, message, nonRetryable: true, details }));
}

/** The failure for an outcome; `undefined` for a success. */
export function failureFor(outcome: RestartOutcome): ApplicationFailure | undefined {
  const text = failureOf(outcome);
  return text && failure(text, outcome);
}

/** The failure for bad input. */
export function inputFailure(problems: readonly string[]): ApplicationFailure {
  return failure(invalidInput(problems));
}

export function withoutStack<E extends Error>(error: E): E {
  error.stack = '';
  return error;
}
