import { parseExtension } from '../domain/parse-request.js';
import { inputFailure } from './ending.js';

/**
 * The milliseconds of an `extendDeadline`'s input; also its validator.
 *
 * @throws InvalidInput with every problem
 */
export function extensionMs(input: unknown): number {
  const byMs = parseExtension(input);
  if (!byMs.ok) throw inputFailure(byMs.problems);
  return byMs.value;
}
