import { Context } from '@temporalio/activity';
import { wallAheadMs } from '../modelarts/clock.js';

/**
 * The keys of what an activity gets and gives whose values are instants, in milliseconds since the epoch.
 * `doubt` and `reading` are objects that have one.
 */
const INSTANTS: readonly string[] = [
  'deadlineMs',
  'answerByMs',
  'goneSinceMs',
  'goneUntilMs',
  'lastTryAtMs',
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
 * The difference between this worker's clock and Temporal's, where this one is behind. An attempt can't begin before
 * it was scheduled. If it seems to, this clock is behind by at least the difference. The true difference is larger by
 * the time that the attempt waited in the queue, which nobody can measure.
 *
 * A clock that is ahead is not corrected: nobody can tell it from an attempt that waited.
 */
export class AttemptClock {
  readonly #behindMs: number;
  readonly #wallAheadAtStartMs = wallAheadMs();

  /** Made when the attempt begins. */
  constructor() {
    const scheduledMs = Context.current().info.currentAttemptScheduledTimestampMs;
    this.#behindMs = Math.max(0, scheduledMs - Date.now());
  }

  /** A copy with the instants of Temporal's clock as this worker's. */
  toOwn<T extends object>(value: T): T {
    return moved(value, -this.#behindMs);
  }

  /** A copy with the instants of this worker's clock, as it is now, as Temporal's. */
  toTemporals<T extends object>(value: T): T {
    // Somebody may have set the clock since the attempt began.
    const correctedMs = wallAheadMs() - this.#wallAheadAtStartMs;
    return moved(value, Math.max(0, this.#behindMs - correctedMs));
  }
}

/** Does an activity's work with the instants of its input by this worker's clock, and gives those of the result by Temporal's. */
export async function byOwnClock<Input extends object, Result extends object>(
  input: Input,
  work: (input: Input, clock: AttemptClock) => Promise<Result>,
): Promise<Result> {
  const clock = new AttemptClock();
  return clock.toTemporals(await work(clock.toOwn(input), clock));
}

function moved<T extends object>(value: T, byMs: number): T {
  if (byMs === 0) return value;
  const move = ([key, part]: [string, unknown]): [string, unknown] => {
    if (INSTANTS.includes(key) && typeof part === 'number') return [key, part + byMs];
    if (PARTS.includes(key) && part instanceof Object) return [key, moved(part, byMs)];
    return [key, part];
  };
  return Object.fromEntries(Object.entries(value).map(move)) as T;
}
