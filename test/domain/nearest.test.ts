import { nearest } from '../../src/domain/parse-options.js';

const KEYS = ['jobId', 'projectId', 'until', 'timeout', 'pollInterval', 'settleTime', 'ifRunning'];

test.each([
  ['jobid', 'jobId'],
  ['job_id', 'jobId'],
  ['JOB-ID', 'jobId'],
  ['job', 'jobId'],
  ['project_id', 'projectId'],
  ['time out', 'timeout'],
  ['i f r u n n i n g', 'ifRunning'],
  ['timeuot', 'timeout'],
  ['timeoutMs', 'timeout'],
  ['poll_interval', 'pollInterval'],
  ['pollIntervall', 'pollInterval'],
  ['setleTime', 'settleTime'],
  ['ifrunning', 'ifRunning'],
])('%j most likely stands for %j', (word, expected) => {
  expect(nearest(word, KEYS)).toBe(expected);
});

test.each(['', 'x', '___', 'color', 'namespace', 'retryPolicy', 'x'.repeat(300)])(
  '%j is near to none',
  (word) => {
    expect(nearest(word, KEYS)).toBeUndefined();
  },
);

test('of two that are equally near the first is named', () => {
  expect(nearest('cat', ['bat', 'hat'])).toBe('bat');
});

test('nothing is near where nothing is known', () => {
  expect(nearest('jobId', [])).toBeUndefined();
});

test('a word of a megabyte does not take long', () => {
  const startedAt = performance.now();
  nearest('pollInterval'.repeat(90_000), KEYS);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
