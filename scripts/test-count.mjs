/**
 * Counts the tests of a Jest run.
 *
 * A test file that can't be loaded has no failed test, so it counts as one failure. So does a run
 * that left no report, ran no test, or failed without a failed test.
 *
 * @param {string | undefined} report the output of `--json`
 * @param {number} exitCode
 * @returns {{ passed: number, failed: number }}
 */
export function countTests(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(report);
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  const failedSilently = failed === 0 && (exitCode !== 0 || numPassedTests === 0);
  return { passed: numPassedTests, failed: failedSilently ? 1 : failed };
}
