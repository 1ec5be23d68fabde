import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import { failureOf, invalidInput, type FailureText } from '../domain/failures.js';
import type { RestartOutcome } from '../domain/outcome.js';

/** A failure that is final, has its outcome as first detail, and shows no stack in the Temporal UI. */
export function failure(
  { type, message }: FailureText,
  outcome?: RestartOutcome,
): ApplicationFailure {
  const details = outcome === undefined ? [] : [outcome];
  return withoutStack(ApplicationFailure.create({ type, message, nonRetryable: true, details }));
}

/** The failure that an outcome is; `undefined` for a success. */
export function failureFor(outcome: RestartOutcome): ApplicationFailure | undefined {
  const text = failureOf(outcome);
  return text && failure(text, outcome);
}

/** The failure that bad input is. */
export function inputFailure(problems: readonly string[]): ApplicationFailure {
  return failure(invalidInput(problems));
}

/** Lets the callers of updates have their answers before the workflow ends. */
export async function answersGiven(): Promise<void> {
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
}

export function withoutStack<E extends Error>(error: E): E {
  error.stack = '';
  return error;
}
