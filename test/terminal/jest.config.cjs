const path = require('node:path');
const base = require('../../jest.config.cjs');

/**
 * The tests that need more programs than Node: `npm run test:terminal`.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: path.resolve(__dirname, '../..'),
  testMatch: ['<rootDir>/test/terminal/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
