const base = require('../../jest.config.cjs');

/**
 * The alerts against a running worker, by promtool: `npm run test:rules`.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/rules/**/*.rules.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
