const { availableParallelism } = require('node:os');

/**
 * Everything is compiled to CommonJS: as fast as native ESM and without its flags. Packages that
 * are published as ESM alone have to be compiled too.
 */
const ESM_ONLY = ['ky', 'lossless-json'];

/**
 * What the sources alone decide, and so is left out on a second Node. What can differ there stays: HTTP and
 * TLS, processes and signals, timers, streams, and Temporal's native core, client and sandbox. For each way
 * to Temporal some files show that it works there; the others are about what is said on it.
 */
const SAME_ON_EVERY_NODE = [
  '<rootDir>/test/(chaos|contract|deploy|docs|domain|lint|proof|replay|simulator|soak)/',
  '<rootDir>/test/cli/(docs|doctor-version|schedule|story|verbs)\\.test',
  '<rootDir>/test/client/(describe-and-list|follow|many-starters|no-worker|schedules)\\.test',
  '<rootDir>/test/e2e/(doors|rolling|accounts|kill-batch|kill-near-deadline)\\.test',
  '<rootDir>/test/nexus/each-failure\\.test',
  '<rootDir>/test/workflows/(?!(outcomes|protocol)\\.test)',
];

/** Most tests wait: a core has time for four files, or for two if something else uses the machine. */
const PER_CORE = process.env['TEST_MACHINE_IS_BUSY'] === '1' ? 2 : 4;

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // `npm run test:terminal` runs those that need more than Node.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/lint/violations/',
    '<rootDir>/test/terminal/',
    ...(process.env['SECOND_NODE'] === '1' ? SAME_ON_EVERY_NODE : []),
  ],
  modulePathIgnorePatterns: ['<rootDir>/.cache/', '<rootDir>/dist/'],
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${ESM_ONLY.join('|')})/)`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  cacheDirectory: '<rootDir>/.cache/jest',
  globalSetup: '<rootDir>/test/setup/global-setup.mjs',
  globalTeardown: '<rootDir>/test/setup/global-teardown.mjs',
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/setup/longest-first.cjs',
  maxWorkers: Math.max(2, PER_CORE * availableParallelism()),
  // A file has time for a dozen concurrent tests.
  maxConcurrency: 12,
};
