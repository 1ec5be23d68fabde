const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** @typedef {import('@jest/test-result').Test} Test */

const TESTS = path.join(__dirname, '..');

/** The files that take longer than eight seconds each, the longest first. */
const LONGEST = [
  'e2e/doors.test.ts',
  'e2e/kill.test.ts',
  'e2e/kill-batch.test.ts',
  'e2e/rolling.test.ts',
  'workflows/looks.test.ts',
  'workflows/batch-runs.test.ts',
  'cli/docs.test.ts',
  'workflows/crowd.test.ts',
  'workflows/flapping.test.ts',
  'workflows/stop.test.ts',
  'workflows/corners-of-the-restart.test.ts',
  'workflows/protocol.test.ts',
  'e2e/stop-signals.test.ts',
  'e2e/kill-near-deadline.test.ts',
  'workflows/corners-of-readings.test.ts',
  'workflows/outcomes.test.ts',
  'cli/restart-batch.test.ts',
  'nexus/each-failure.test.ts',
  'client/temporal.test.ts',
  'workflows/corners-of-repeats.test.ts',
  'cli/restart-obstacles.test.ts',
  'client/follow.test.ts',
  'setup/end-with-script.test.ts',
  'client/list-batches.test.ts',
  'workflows/follow-slots.test.ts',
  'workflows/batch-attach.test.ts',
  'workflows/batch.test.ts',
  'cli/restart.test.ts',
  'workflows/corners-of-messages.test.ts',
  'workflows/join-obstacles.test.ts',
  'e2e/server-loss.test.ts',
  'workflows/if-running.test.ts',
  'cli/verbs.test.ts',
  'workflows/batch-selection.test.ts',
  'client/away.test.ts',
  'e2e/refusals.test.ts',
  'client/many-starters.test.ts',
  'nexus/nexus.test.ts',
  'client/batches.test.ts',
];

/** So many of the other files start after each of the longest. */
const BETWEEN = 2;

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
