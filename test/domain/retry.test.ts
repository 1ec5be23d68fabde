import { pauseAfter, trimToDeadline } from '../../src/domain/retry.js';

test.each([
  [1, 1_000],
  [2, 2_000],
  [3, 4_000],
  [4, 8_000],
  [5, 16_000],
  [6, 30_000],
  [7, 30_000],
  [1_000_000, 30_000],
])('after %i failures in a row the pause is %i ms', (failures, pause) => {
  expect(pauseAfter(failures)).toBe(pause);
});

test.each([
  [1, 0, 750],
  [1, 0.5, 875],
  [6, 0, 22_500],
])('chance takes at most a quarter off (%i failures, %d)', (failures, random, pause) => {
  expect(pauseAfter(failures, 0, random)).toBe(pause);
});

test.each([
  [1, 5_000, 5_000],
  [1, 86_400_000, 86_400_000],
  [6, 5_000, 22_500],
])('after %i failures a Retry-After of %i ms is never undercut', (failures, asked, pause) => {
  expect(pauseAfter(failures, asked, 0)).toBe(pause);
});

test.each([
  ['a pause that ends before the deadline is kept', 1_000, 10_000, 20_000, 1_000],
  ['a pause that would pass the deadline ends on it', 30_000, 10_000, 20_000, 10_000],
  ['a pause that ends on the deadline is kept', 10_000, 10_000, 20_000, 10_000],
  ['at the deadline it is 1, since Temporal takes 0 for never', 30_000, 20_000, 20_000, 1],
  ['past the deadline it is 1', 30_000, 25_000, 20_000, 1],
  ['a pause of 0 becomes 1', 0, 10_000, 20_000, 1],
])('%s', (_claim, pause, now, deadline, expected) => {
  expect(trimToDeadline(pause, now, deadline)).toBe(expected);
});
