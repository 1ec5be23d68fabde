import { countTests } from '../../scripts/test-count.mjs';

const report = (passed: number, failed: number, unloadable: number): string =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: unloadable,
  });

test.each([
  ['a good run has no failure', report(5, 0, 0), 0, { passed: 5, failed: 0 }],
  ['failed tests count', report(5, 2, 0), 1, { passed: 5, failed: 2 }],
  ['a file that could not be loaded counts as one', report(5, 2, 1), 1, { passed: 5, failed: 3 }],
  ['no report at all is a failure', undefined, 0, { passed: 0, failed: 1 }],
  ['no test at all is a failure', report(0, 0, 0), 0, { passed: 0, failed: 1 }],
  ['an exit code that nothing explains is a failure', report(5, 0, 0), 1, { passed: 5, failed: 1 }],
])('%s', (_claim, text, exitCode, count) => {
  expect(countTests(text, exitCode)).toEqual(count);
});
