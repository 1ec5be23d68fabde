/**
 * Counts the tests of a Jest run.
 *
 * A test file that can't be loaded has no test that fails, so it counts as one failure; so does a
 * run that left no report, that ran no test, or that failed without saying where.
 *
 * @param {string | undefined} report what `--json` wrote
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
