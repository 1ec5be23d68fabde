/** Milliseconds of a clock that never steps, as the wall clock may. For all that is scheduled. */
export function monotonicNow(): number {
  return performance.now();
}

/**
 * The instant of the wall clock (milliseconds since the epoch) on the monotonic one.
 *
 * Never early: `Date.now()`, which is cut to whole milliseconds, is read first. A look at the
 * deadline that began a moment too soon would not count as the last one.
 */
export function toMonotonic(instantMs: number): number {
  const inMs = instantMs - Date.now();
  return monotonicNow() + inMs;
}

/** The instant of the monotonic clock in milliseconds since the epoch. */
export function toWallClock(monotonicMs: number): number {
  return Date.now() + Math.round(monotonicMs - monotonicNow());
}
