const path = require('node:path');
const base = require('../../jest.config.cjs');

/**
 * The tests of `examples/` and of the commands in `docs/`: `npm run test:examples`.
 *
 * @type {import('jest').Config}
 */
module.exports = {
  ...base,
  rootDir: path.resolve(__dirname, '../..'),
  testMatch: ['<rootDir>/test/examples/**/*.examples.ts'],
  // Ten times what the longest installation takes on a slow line.
  testTimeout: 600_000,
};
