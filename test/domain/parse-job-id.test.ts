import { parseRestartInput } from '../../src/domain/parse-options.js';

test.each([
  ['1', '1'],
  ['10', '10'],
  ['9'.repeat(19), '9'.repeat(19)],
  ['9007199254740993', '9007199254740993'],
  [1, '1'],
  [1_020_304, '1020304'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
])('%j is a job id, the string %s', (jobId, expected) => {
  for (const input of [{ jobId }, jobId]) {
    expect(parseRestartInput(input)).toMatchObject({ ok: true, value: { jobId: expected } });
  }
});

test.each([
  '',
  '0',
  '010',
  '-1',
  '+1',
  '1.0',
  '1e3',
  ' 10',
  '10 ',
  '10\n',
  'job-10',
  '１０',
  '../10',
  '1'.repeat(20),
  0,
  -1,
  1.5,
  Number.NaN,
  Infinity,
  1e21,
  Number.MAX_SAFE_INTEGER + 1,
])('%j is no job id', (jobId) => {
  for (const input of [{ jobId }, jobId]) {
    expect(parseRestartInput(input)).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^jobId must be 1–19 digits without a leading zero/)],
    });
  }
});

test.each([null, true, [], ['10'], { id: '10' }])('%j in the key is no job id', (jobId) => {
  expect(parseRestartInput({ jobId })).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^jobId must be /)],
  });
});

test('a number too large to be exact is told to be quoted, a small one is not', () => {
  const unsafe = parseRestartInput({ jobId: 2 ** 53 });
  expect(unsafe).toMatchObject({ problems: [expect.stringContaining('quote it')] });
  const negative = parseRestartInput({ jobId: -1 });
  expect(negative).toMatchObject({ problems: [expect.not.stringContaining('quote it')] });
});

test('a missing job id is called missing', () => {
  expect(parseRestartInput({})).toEqual({
    ok: false,
    problems: ['jobId is missing: give {"jobId": "10"}'],
  });
});
