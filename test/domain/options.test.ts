import { parseDuration } from '../../src/domain/duration.js';
import { OPTIONS } from '../../src/domain/options.js';

const durations = Object.entries(OPTIONS).flatMap(([key, row]) =>
  row.kind === 'duration' ? [{ key, row }] : [],
);

test('there are durations in the table', () => {
  expect(durations.length).toBeGreaterThan(0);
});

test.each(durations)('$key: the default is between the limits', ({ row }) => {
  const [min, usual, max] = [row.min, row.default, row.max].map(parseDuration);
  expect(usual).toBeGreaterThanOrEqual(min!);
  expect(usual).toBeLessThanOrEqual(max!);
});
