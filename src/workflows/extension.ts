import type { ApplicationFailure } from '@temporalio/common';
import { parseExtension } from '../domain/parse-request.js';
import { failure } from './ending.js';

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
