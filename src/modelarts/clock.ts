/** Milliseconds of a clock that never steps, unlike the wall clock. All schedules use it. */
export function monotonicNow(): number {
  return performance.now();
}

/** By how much the wall clock is ahead of the monotonic one. It changes when somebody sets the clock. */
export const wallAheadMs = (): number => Date.now() - monotonicNow();

/**
 * Converts an instant of the wall clock (milliseconds since the epoch) to the monotonic clock.
 *
 * The result is never too early, because `Date.now()`, which rounds down, is read first. Otherwise a
 * look at the deadline could begin a moment too soon, and would not count as the last one.
 */
export function toMonotonic(instantMs: number): number {
  const inMs = instantMs - Date.now();
  return monotonicNow() + inMs;
}

/** Converts an instant of the monotonic clock to milliseconds since the epoch. */
export function toWallClock(monotonicMs: number): number {
  return Date.now() + Math.round(monotonicMs - monotonicNow());
}
