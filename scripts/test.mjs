/**
 * `npm test`: every check of the project, from a bare clone. Arguments are passed on to Jest:
 * `npm test -- test/domain`.
 *
 * The last line is `N passed, N failed`: Jest's tests, and each other check as one. It is printed
 * whatever happens.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { build, buildTools } from './build.mjs';
import { run } from './command.mjs';
import { inCache } from './project.mjs';
import { setUp } from './set-up.mjs';
import { countTests } from './test-count.mjs';
import { Obstacle, dim, green, red, say, seconds } from './terminal.mjs';

/** @typedef {import('./test-count.mjs').Count} Count */

const total = { passed: 0, failed: 0 };
process.on('exit', () => {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
});

if (await check('set-up', setUp)) {
  await check('types', () => tool('typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.json']));
  await check('lint', () => tool('oxlint/bin/oxlint', []));
  await check('format', () => tool('prettier/bin/prettier.cjs', ['--check', '.']));
  await check('dead code', () => tool('knip/bin/knip.js', []));
  await check('build', async () => {
    await build();
    await buildTools();
  });
  add(await jest(process.argv.slice(2)));
}
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

/**
 * @param {string} name
 * @param {() => Promise<void>} work throws where the check fails
 * @returns {Promise<boolean>}
 */
async function check(name, work) {
  const startedAt = performance.now();
  let problem;
  try {
    await work();
  } catch (error) {
    problem = error instanceof Obstacle ? error.message : error;
  }
  const time = dim(seconds(performance.now() - startedAt));
  if (problem === undefined) say(`${green('✓')} ${name} ${time}`);
  else {
    say(`${red('✗')} ${name} ${time}`);
    say(problem instanceof Error ? (problem.stack ?? problem.message) : String(problem));
  }
  add(problem === undefined ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  return problem === undefined;
}

/** @param {Count} count */
function add({ passed, failed }) {
  total.passed += passed;
  total.failed += failed;
}

/**
 * @param {string} script inside node_modules
 * @param {string[]} args
 */
async function tool(script, args) {
  const { code, output } = await run(process.execPath, [`node_modules/${script}`, ...args]);
  if (code !== 0) throw new Obstacle(output.trim());
}

/**
 * @param {string[]} args
 * @returns {Promise<Count>}
 */
async function jest(args) {
  const report = inCache('test', `report-${process.pid}.json`);
  await mkdir(inCache('test'), { recursive: true });
  try {
    const { code } = await run(
      process.execPath,
      ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...args],
      { show: 'stderr' },
    );
    return countTests(await readFile(report, 'utf8').catch(() => undefined), code);
  } finally {
    await rm(report, { force: true });
  }
}
