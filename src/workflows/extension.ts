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
