const { availableParallelism } = require('node:os');

/**
 * Everything is compiled to CommonJS: as fast as native ESM and without its flags. Packages that
 * are published as ESM alone have to be compiled too.
 */
const ESM_ONLY = ['ky', 'lossless-json', 'p-limit', 'yocto-queue'];

/**
 * What the sources alone decide, and so is left out on a second Node. The workflows run in Temporal's
 * sandbox: two of their files show that it works there, beside `test/e2e/` and `test/nexus/`.
 */
const SAME_ON_EVERY_NODE = [
  '<rootDir>/test/(chaos|contract|docs|domain|lint|proof|simulator)/',
  '<rootDir>/test/workflows/(?!(outcomes|protocol)\\.test)',
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // `npm test` runs those in `test/alone/` afterwards; `npm run test:terminal` those that need more than Node.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/lint/violations/',
    '<rootDir>/test/alone/',
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
  // Most tests wait: two cores have time for three files, and a file for a dozen concurrent tests.
  maxWorkers: Math.max(2, Math.floor(1.5 * availableParallelism())),
  maxConcurrency: 12,
};
