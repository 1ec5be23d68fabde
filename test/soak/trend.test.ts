import { readArguments } from '../../soak/index.js';
import { growthIn, lowestOfEachMinute, riseOf, type Point } from '../../soak/trend.js';

const MINUTE = 60_000;

/** Memory that grows by `perMinute`, and saws up by 30 until the garbage collector runs. */
const sawing = (perMinute: number, minutes = 40): Point[] =>
  Array.from({ length: minutes * 12 }, (_, nth) => {
    const atMs = nth * 5_000;
    return { atMs, value: 200 + perMinute * (atMs / MINUTE) + (nth % 12) * 2.5 };
  });

test('what a garbage collector will free is not taken for growth', () => {
  const lowest = lowestOfEachMinute(sawing(0));
  expect(lowest).toHaveLength(40);
  expect(growthIn(10 * MINUTE, lowest)).toBeCloseTo(0);
});

test('a leak is seen under it, by its size', () => {
  expect(growthIn(10 * MINUTE, lowestOfEachMinute(sawing(0.2)))).toBeCloseTo(2);
});

test('a few odd minutes have no effect', () => {
  const lowest = lowestOfEachMinute(sawing(0)).map((point, nth) =>
    nth > 35 ? { ...point, value: 400 } : point,
  );
  expect(growthIn(10 * MINUTE, lowest)).toBeCloseTo(0);
});

test('the rise is that of the usual value, from the first to the last quarter', () => {
  expect(riseOf([10, 10, 90, 11, 12, 13, 20, 20, 21, 21, 21, 90])).toBe(11);
  expect(riseOf([1, 2, 3])).toBeNaN();
});

test('the arguments', () => {
  expect(readArguments([])).toMatchObject({ minutes: 60 });
  expect(readArguments(['--minutes', '3', '--seed', '7'])).toEqual({ minutes: 3, seed: 7 });
  for (const wrong of [
    ['--minutes', '0'],
    ['--minutes', '1h'],
    ['--hours', '1'],
    ['--seed', ''],
  ]) {
    expect(readArguments(wrong)).toBeUndefined();
  }
});
