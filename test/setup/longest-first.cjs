const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** @typedef {import('@jest/test-result').Test} Test */

const TESTS = path.join(__dirname, '..');

/** The files that take the longest. */
const LONGEST = [
  'e2e/doors.test.ts',
  'e2e/kill.test.ts',
  'cli/docs.test.ts',
  'workflows/looks.test.ts',
  'e2e/stop-signals.test.ts',
];

/**
 * Starts the files that take the longest first, so that none of them runs alone at the end. Jest
 * itself knows durations from earlier runs only, and a fresh clone has had none.
 */
module.exports = class LongestFirst extends Sequencer {
  /**
   * @override
   * @param {Test[]} tests
   * @returns {Promise<Test[]>}
   */
  async sort(tests) {
    const sorted = await super.sort(tests);
    // Sorting is stable: all others stay in Jest's own order.
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
};

/** @param {Test} test */
function rankOf({ path: file }) {
  const index = LONGEST.indexOf(path.relative(TESTS, file).replaceAll(path.sep, '/'));
  return index === -1 ? LONGEST.length : index;
}
