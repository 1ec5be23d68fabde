import type { ApplicationFailure } from '@temporalio/common';
import { parseExtension } from '../domain/parse-request.js';
import { failure } from './ending.js';

/**
 * The milliseconds of an `extendDeadline`'s input; also its validator.
 *
 * @throws InvalidInput with every problem; the restart goes on as before
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

/** The failure of an `extendDeadline` that comes too late; `why` goes on after "the restart". */
export function tooLateToExtend(why: string): ApplicationFailure {
  const type = 'RestartCanceled';
  const message = `${type}: the restart ${why}, so its deadline can’t be moved. Start it again if it is still wanted.`;
  return failure({ type, message });
}
