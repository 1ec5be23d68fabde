const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** @typedef {import('@jest/test-result').Test} Test */

const TESTS = path.join(__dirname, '..');

/** The files that take about ten seconds or longer each, the longest first. */
const LONGEST = [
  'e2e/doors.test.ts',
  'e2e/kill.test.ts',
  'e2e/kill-batch.test.ts',
  'workflows/looks.test.ts',
  'cli/docs.test.ts',
  'workflows/crowd.test.ts',
  'workflows/flapping.test.ts',
  'workflows/protocol.test.ts',
  'workflows/corners-of-the-restart.test.ts',
  'workflows/stop.test.ts',
  'cli/restart-batch.test.ts',
  'workflows/batch-runs.test.ts',
  'cli/restart-obstacles.test.ts',
  'e2e/health.test.ts',
  'workflows/corners-of-readings.test.ts',
  'workflows/outcomes.test.ts',
  'e2e/kill-near-deadline.test.ts',
  'nexus/each-failure.test.ts',
  'e2e/stop-signals.test.ts',
  'cli/restart.test.ts',
  'proof/old-faults.test.ts',
  'cli/doctor-version.test.ts',
  'e2e/rolling.test.ts',
  'workflows/corners-of-repeats.test.ts',
  'workflows/batch.test.ts',
  'client/follow.test.ts',
  'workflows/batch-attach.test.ts',
  'client/temporal.test.ts',
  'workflows/follow-slots.test.ts',
  'client/many-starters.test.ts',
  'workflows/batch-selection.test.ts',
  'client/batches.test.ts',
  'client/list-batches.test.ts',
  'e2e/server-loss.test.ts',
  'cli/setup.test.ts',
  'nexus/nexus.test.ts',
  'workflows/if-running.test.ts',
  'setup/end-with-script.test.ts',
  'cli/verbs.test.ts',
  'workflows/credentials.test.ts',
  'workflows/join-obstacles.test.ts',
  'workflows/together.test.ts',
  'e2e/start-up.test.ts',
  'client/away.test.ts',
  'workflows/corners-of-joiners.test.ts',
];

/** So many of the other files start after each of the longest. */
const BETWEEN = 3;

/**
 * Starts the files that take the longest first, so that none of them runs alone at the end; most of that
 * time they wait. Files that work are put between them. Jest itself knows durations from earlier runs only, and
 * a fresh clone has had none.
 */
module.exports = class LongestFirst extends Sequencer {
  /**
   * @override
   * @param {Test[]} tests
   * @returns {Promise<Test[]>}
   */
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = (/** @type {Test} */ test) => rankOf(test) < LONGEST.length;
    const long = sorted.filter(isLong).toSorted((a, b) => rankOf(a) - rankOf(b));
    // In Jest's own order.
    const others = sorted.filter((test) => !isLong(test));
    const mixed = long.flatMap((test) => [test, ...others.splice(0, BETWEEN)]);
    return [...mixed, ...others];
  }
};

/** @param {Test} test */
function rankOf({ path: file }) {
  const index = LONGEST.indexOf(path.relative(TESTS, file).replaceAll(path.sep, '/'));
  return index === -1 ? LONGEST.length : index;
}
