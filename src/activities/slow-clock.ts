import { Context } from '@temporalio/activity';

/**
 * The keys of an activity's input and result whose values are instants, in milliseconds since the epoch.
 * `doubt` and `reading` are objects that have one.
 */
const INSTANTS: readonly string[] = [
  'answerByMs',
  'deadlineMs',
  'goneUntilMs',
  'lookedAt',
  'sendByMs',
  'troubleAtMs',
  'turnAtMs',
  'unchangedAtMs',
  'untilMs',
  'upSinceMs',
];
const PARTS: readonly string[] = ['doubt', 'reading'];

/**
 * Does an activity's work by this worker's clock where that is behind Temporal's, by which the workflow's
 * instants are. A clock that is behind shows: the attempt begins before it was scheduled. So what is known is
 * the difference less the time that the attempt waited for a worker.
 *
 * A clock that is ahead is not corrected here: nobody can tell it from an attempt that waited.
 */
export async function onThisClock<Input extends object, Result extends object>(
  input: Input,
  work: (input: Input) => Promise<Result>,
): Promise<Result> {
  const behindMs = Context.current().info.currentAttemptScheduledTimestampMs - Date.now();
  if (behindMs <= 0) return work(input);
  return moved(await work(moved(input, -behindMs)), behindMs);
}

/** A copy with all its instants moved. */
function moved<T extends object>(value: T, byMs: number): T {
  const move = ([key, part]: [string, unknown]): [string, unknown] => {
    if (INSTANTS.includes(key) && typeof part === 'number') return [key, part + byMs];
    if (PARTS.includes(key) && part instanceof Object) return [key, moved(part, byMs)];
    return [key, part];
  };
  return Object.fromEntries(Object.entries(value).map(move)) as T;
}
