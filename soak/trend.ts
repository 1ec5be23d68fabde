import { median, quantile } from '../bench/table.js';

/** A value, and when it was measured. */
export interface Point {
  atMs: number;
  value: number;
}

const MINUTE_MS = 60_000;

/**
 * The lowest value of each minute. A garbage collector lets memory rise and fall; what stays in use is
 * what is left after it.
 */
export function lowestOfEachMinute(points: readonly Point[]): Point[] {
  const lowest = new Map<number, Point>();
  for (const point of points) {
    const minute = Math.floor(point.atMs / MINUTE_MS);
    const before = lowest.get(minute);
    if (before === undefined || point.value < before.value) lowest.set(minute, point);
  }
  return [...lowest.values()];
}

/**
 * By how much the values grow in a time: the median of the slopes between any two of them, so that a
 * few odd values have no effect (Theil and Sen). `NaN` for less than two values.
 */
export function growthIn(ms: number, points: readonly Point[]): number {
  const slopes = points.flatMap((from, nth) =>
    points
      .slice(nth + 1)
      .filter((to) => to.atMs > from.atMs)
      .map((to) => (to.value - from.value) / (to.atMs - from.atMs)),
  );
  return median(slopes) * ms;
}

/** By how much the usual value of the last quarter is above that of the first; `NaN` for too few values. */
export function riseOf(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4);
  if (quarter === 0) return NaN;
  return quantile(values.slice(-quarter), 0.5) - quantile(values.slice(0, quarter), 0.5);
}
