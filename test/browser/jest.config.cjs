const path = require('node:path');
const base = require('../../jest.config.cjs');

/**
 * The tests in a real browser: `npm run test:browser`. They share one Temporal server with its UI,
 * and two cores are busy enough with one browser.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: path.resolve(__dirname, '../..'),
  testMatch: ['<rootDir>/test/browser/**/*.browser.ts'],
  globalSetup: '<rootDir>/test/browser/global-setup.mjs',
  testTimeout: 180_000,
  maxWorkers: 1,
};
