const path = require('node:path');
const base = require('../../jest.config.cjs');

/**
 * The tests that `npm test` runs after all others: they kill programs at set times, and so need the
 * machine to themselves.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: path.resolve(__dirname, '../..'),
  testMatch: ['<rootDir>/test/alone/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
