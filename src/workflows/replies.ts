import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { BatchOutcome } from '../domain/batch-outcome.js';
import { failureOf, type FailureText, invalidInput } from '../domain/failures.js';
import type { RestartOutcome } from '../domain/outcome.js';
import { parseExtension } from '../domain/parse-options.js';

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

/**
 * Parses the input of `extendDeadline` into milliseconds; serves as its validator too.
 *
 * @throws InvalidInput with every problem; the deadline is unchanged
 */
export function extensionMs(input: unknown): number {
  const byMs = parseExtension(input);
  if (byMs.ok) return byMs.value;
  const type = 'InvalidInput';
  const problems = byMs.problems.join('; ');
  throw failure({
    type,
    message: `${type}: ${problems}. The deadline is unchanged: correct that and send the update again.`,
  });
}

/** The failure of an `extendDeadline` that comes too late; `why` continues "the restart …". */
export function tooLateToExtend(why: string): ApplicationFailure {
  const type = 'RestartCanceled';
  const message = `${type}: the restart ${why}, so its deadline can’t be moved. Start it again if it is still wanted.`;
  return failure({ type, message });
}

/** The Temporal UI shows these texts beside the names of the messages. */
export const DESCRIPTIONS = {
  progress: 'The outcome so far, and where the restart is.',
  batchProgress: 'How many jobs have ended in which way, and what is under way.',
  accepted: 'Answers once ModelArts took the request; fails as the restart does.',
  checkNow: 'Look at the job at once.',
  restartJoined: 'Sent by the worker where another caller joins the restart.',
  extendDeadline: 'The deadline becomes now plus the timeout: {"timeout": "15m"}.',
} as const;

/** Waits until all running updates are answered, so that the workflow can end. */
export async function answersGiven(): Promise<void> {
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
}
