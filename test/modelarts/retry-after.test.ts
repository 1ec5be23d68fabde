import { retryAfterMs } from '../../src/modelarts/exchange.js';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

test.each([
  ['7', null, 7_000],
  [' 0 ', null, 0],
  ['99999999999999999999', null, 30 * 86_400_000],
  ['Fri, 02 Jan 2026 03:04:35 GMT', null, 30_000],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 'Fri, 02 Jan 2026 03:04:25 GMT', 10_000],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 'nonsense', 30_000],
  ['Fri, 02 Jan 2026 03:00:00 GMT', null, 0],
  [null, null, undefined],
  ['', null, undefined],
  ['soon', null, undefined],
  ['-5', null, undefined],
  ['1.5', null, undefined],
])('Retry-After %j with Date %j waits %s ms', (retryAfter, date, expected) => {
  expect(retryAfterMs(retryAfter, date, NOW)).toBe(expected);
});
