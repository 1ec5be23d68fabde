import { inWords, rateLimitsIn, span } from '../../src/modelarts/rate-limit.js';

test.each([
  ['policy user over ratelimit,limit:200,time:5 minute', [[200, 300_000]]],
  ['policy ip over ratelimit,limit:5,time:1 second', [[5, 1_000]]],
  ['LIMIT:100, TIME:1 minute', [[100, 60_000]]],
  [
    'policy user over ratelimit,limit:200,time:5 minute; policy ip over ratelimit,limit:5,time:1 second',
    [
      [200, 300_000],
      [5, 1_000],
    ],
  ],
  ['limit:1000,time:1 hour', [[1_000, 3_600_000]]],
  ['limit:9,time:1 day', [[9, 86_400_000]]],
  // The period may be missing: a minute is a guess.
  ['over ratelimit,limit:10', [[10, 60_000]]],
  ['limit:0,time:5 minute', []],
  ['limit:5,time:0 second', []],
  ['The throttling threshold has been reached', []],
  ['delimit:5', []],
])('%s', (text, expected) => {
  expect(rateLimitsIn(text)).toEqual(expected.map(([calls, windowMs]) => ({ calls, windowMs })));
});

test('limits are said as people say them', () => {
  const limits = [
    { calls: 200, windowMs: 300_000 },
    { calls: 5, windowMs: 1_000 },
  ];
  expect(inWords(limits)).toBe('200 calls per 5 min and 5 calls per 1 s');
  expect([span(250), span(12_345), span(3_600_000)]).toEqual(['250 ms', '12.3 s', '1 h']);
});
