import { parseBatchArguments, parseBatchInput } from '../../src/domain/parse-batch.js';

const problemsOf = (input: unknown): string[] => {
  const parsed = parseBatchInput(input);
  return parsed.ok ? [] : parsed.problems;
};

test('job ids count once, as strings, in the order in which they came', () => {
  const input = { jobIds: ['11', 10, '11', '9223372036854775807', 11] };
  expect(parseBatchInput(input)).toEqual({
    ok: true,
    value: { jobIds: ['11', '10', '9223372036854775807'], each: {}, maxConcurrent: 20 },
  });
});

test('a selection takes statuses by name and by number, also one that nobody documented', () => {
  const select = { status: ['KILLED', 11, 99, 12], search: 'loss', workspaceId: '0' };
  const parsed = parseBatchInput({ select });
  expect(parsed.ok && parsed.value.select).toEqual({ ...select, status: [12, 11, 99] });
  const all = parseBatchInput({ select: {} });
  expect(all.ok && all.value.select).toEqual({});
});

test('the keys of a restart go to each restart as they were written, and the rest does not', () => {
  const each = { until: 'finished', timeout: '1.5h', reason: 'nightly', requestedBy: 'me' };
  const own = { maxConcurrent: 3, stopAfterFailures: 1, name: 'nightly' };
  const projectId = '0123456789abcdef0123456789abcdef';
  expect(parseBatchInput({ jobIds: ['10'], ...each, ...own, projectId })).toEqual({
    ok: true,
    value: { jobIds: ['10'], each, ...own, projectId },
  });
});

test('all problems come in one message, each with the value that was given', () => {
  const input = {
    jobIds: ['10'],
    select: { status: ['KILED', -1], serch: 'x', search: 's'.repeat(65), workspaceId: 'a/b' },
    jobId: '10',
    timeout: '8d',
    maxConcurrent: 0,
    stopAfterFailures: 1.5,
    name: 'n'.repeat(201),
  };
  expect(problemsOf(input)).toEqual([
    'unknown key "jobId": did you mean "jobIds"?',
    expect.stringContaining('timeout must be a duration of 1s–7d'),
    'maxConcurrent must be a whole number of 1–1000; got 0',
    'stopAfterFailures must be a whole number of at least 1; got 1.5',
    'name must be a text of at most 200 characters; got 201 characters',
    'give either jobIds or select, not both',
    'select: unknown key "serch": did you mean "search"?',
    'select: unknown status "KILED": did you mean "KILLED"?',
    expect.stringContaining('select: unknown status -1: known are UNKNOWN, INIT'),
    'select: search must be a text of at most 64 characters; got 65 characters',
    'select: workspaceId must be a text of 1–64 letters and digits; got "a/b"',
  ]);
});

test('of many wrong job ids the first few are shown, and how many there are', () => {
  const jobIds = ['10', '0', 'ten', -1, 1.5, null];
  expect(problemsOf({ jobIds })).toEqual([
    'jobIds must be 1–19 digits each, without a leading zero; 5 of 6 are not: "0", "ten", -1, …',
  ]);
});

test('a number that has lost digits is to be quoted', () => {
  expect(problemsOf({ jobIds: [2 ** 53 + 2] })).toEqual([
    expect.stringContaining('which JSON can’t carry exactly: quote it'),
  ]);
});

test.each([
  [{}, 'jobIds or select is missing'],
  [{ jobIds: [] }, 'jobIds must be a list of 1–10000 job ids; got []'],
  [{ jobIds: '10' }, 'jobIds must be a list'],
  [{ select: [] }, 'select must be an object'],
  [{ select: null }, 'select must be an object'],
  [{ select: { status: 'KILLED' } }, 'status must be a list such as ["KILLED", 11]'],
  [{ select: { status: [] } }, 'status must be a list'],
  [{ select: { search: '' } }, 'search must not be empty'],
  [{ jobIds: ['1'], maxConcurrent: 1_001 }, 'of 1–1000; got 1001'],
  ['10', 'give a JSON object such as {"jobIds"'],
  [undefined, 'give a JSON object'],
])('%j is refused', (input, problem) => {
  expect(problemsOf(input)).toEqual([expect.stringContaining(problem)]);
});

test('10,000 jobs are taken, and 10,001 are not', () => {
  const jobIds = Array.from({ length: 10_001 }, (_, index) => String(index + 1));
  expect(problemsOf({ jobIds: jobIds.slice(1) })).toEqual([]);
  expect(problemsOf({ jobIds: [...jobIds.slice(1), '10001'] })).toEqual([]);
  expect(problemsOf({ jobIds })).toEqual([
    'jobIds must be at most 10000 jobs; got 10001: give the others to another batch',
  ]);
});

test('exactly one argument is taken', () => {
  const parsed = parseBatchArguments([{ jobIds: ['10'] }, {}]);
  expect(parsed.ok ? [] : parsed.problems).toEqual([
    expect.stringContaining('give one argument, such as {"jobIds"'),
  ]);
});
