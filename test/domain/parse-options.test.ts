import { parseRestartArguments, parseRestartInput } from '../../src/domain/parse-options.js';

const PROJECT = 'ab0123456789cdef0123456789abcdef';

const DEFAULTS = {
  jobId: '10',
  until: 'running',
  ifRunning: 'fail',
  onCancel: 'leave',
  timeoutMs: 1_800_000,
  pollIntervalMs: 5_000,
  settleTimeMs: 60_000,
  ifUnknown: 'fail',
};

function problemsOf(input: unknown): string[] {
  const parsed = parseRestartInput(input);
  return parsed.ok ? [] : parsed.problems;
}

test('a job id alone gets every default, and no key beyond them', () => {
  expect(parseRestartInput({ jobId: '10' })).toStrictEqual({ ok: true, value: DEFAULTS });
});

test.each(['10', 10])('the bare id %j stands for an object', (id) => {
  expect(parseRestartArguments([id])).toStrictEqual({ ok: true, value: DEFAULTS });
});

test('every key has its effect', () => {
  const input = {
    jobId: 4711,
    projectId: PROJECT,
    until: 'finished',
    ifRunning: 'stop',
    onCancel: 'stop',
    timeout: '1.5h',
    pollInterval: 2_000,
    settleTime: '0s',
    ifUnknown: 'repeat',
    reason: 'r'.repeat(200),
    requestedBy: '',
  };
  const value = {
    jobId: '4711',
    projectId: PROJECT,
    until: 'finished',
    ifRunning: 'stop',
    onCancel: 'stop',
    timeoutMs: 5_400_000,
    pollIntervalMs: 2_000,
    settleTimeMs: 0,
    ifUnknown: 'repeat',
    reason: 'r'.repeat(200),
    requestedBy: '',
  };
  expect(parseRestartInput(input)).toStrictEqual({ ok: true, value });
});

test('a key that is undefined is not said', () => {
  const input = { jobId: '10', projectId: undefined, timeout: undefined, reason: undefined };
  expect(parseRestartInput(input)).toStrictEqual({ ok: true, value: DEFAULTS });
});

test.each([
  { ifRunning: 'attach' },
  { projectId: 'a'.repeat(32) },
  { projectId: '0'.repeat(32) },
  { timeout: '1s' },
  { timeout: '7d' },
  { timeout: 604_800_000 },
  { pollInterval: '1s' },
  { pollInterval: '10m' },
  { settleTime: 0 },
  { settleTime: '10m' },
  { reason: '启'.repeat(200) },
  { reason: '🔁'.repeat(200) },
])('takes %j', (keys) => {
  expect(problemsOf({ jobId: '10', ...keys })).toEqual([]);
});

test.each([
  ['projectId', 'a'.repeat(31)],
  ['projectId', 'a'.repeat(33)],
  ['projectId', 'A'.repeat(32)],
  ['projectId', ''],
  ['projectId', `${'a'.repeat(32)}\n`],
  ['projectId', 1],
  ['projectId', null],
  ['until', 'Running'],
  ['until', 'done'],
  ['until', ''],
  ['until', null],
  ['until', 8],
  ['ifRunning', 'restart'],
  ['ifRunning', true],
  ['onCancel', 'kill'],
  ['onCancel', ['stop']],
  ['ifUnknown', 'retry'],
  ['ifUnknown', 'toString'],
  ['timeout', '999ms'],
  ['timeout', '7.01d'],
  ['timeout', 604_800_001],
  ['timeout', '30'],
  ['timeout', -1],
  ['timeout', null],
  ['pollInterval', '0s'],
  ['pollInterval', 999],
  ['pollInterval', '601s'],
  ['pollInterval', ''],
  ['settleTime', '-1s'],
  ['settleTime', '11m'],
  ['settleTime', {}],
  ['reason', 'r'.repeat(201)],
  ['reason', 1],
  ['reason', null],
  ['requestedBy', 'r'.repeat(201)],
  ['requestedBy', ['me']],
])('refuses %s %j in one problem that begins with the key', (key, value) => {
  const problems = problemsOf({ jobId: '10', [key]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${key} must be `));
});

test.each([
  ['until', 'done', 'until must be "running" or "finished"; got "done"'],
  ['ifRunning', 1, 'ifRunning must be "fail" or "attach" or "stop"; got 1'],
  ['timeout', '8d', 'timeout must be a duration of 1s–7d, such as "90s" or "1.5h"; got "8d"'],
  [
    'reason',
    'r'.repeat(201),
    'reason must be a text of at most 200 characters; got 201 characters',
  ],
])('says what %s must be, and what it got', (key, value, problem) => {
  expect(problemsOf({ jobId: '10', [key]: value })).toEqual([problem]);
});

test('a long value is cut', () => {
  const [problem] = problemsOf({ jobId: '10', until: 'x'.repeat(10_000) });
  expect(problem!.length).toBeLessThan(120);
});
