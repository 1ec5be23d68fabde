/** Counts a test command's checks. A script that imports this always ends with `N passed, N failed`. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { run } from './child.mjs';
import { inCache } from './project.mjs';
import { countTests } from './test-count.mjs';
import { Obstacle, dim, green, red, say, seconds } from './terminal.mjs';

export const total = { passed: 0, failed: 0 };

process.on('exit', (code) => {
  // An aborted run has failed, even if each check that ended has passed.
  if (code !== 0 && total.failed === 0) total.failed = 1;
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
});

/** The exit code for the checks so far. A run without a check has failed. */
export const exitCode = () => (total.failed === 0 && total.passed > 0 ? 0 : 1);

/**
 * @param {string} name
 * @param {() => Promise<unknown>} work throws if the check fails
 * @returns {Promise<boolean>}
 */
export async function check(name, work) {
  const startedAt = performance.now();
  const took = () => dim(seconds(performance.now() - startedAt));
  try {
    await work();
    total.passed += 1;
    say(`${green('✓')} ${name} ${took()}`);
    return true;
  } catch (error) {
    total.failed += 1;
    say(`${red('✗')} ${name} ${took()}`);
    const isOurs = error instanceof Error && !(error instanceof Obstacle);
    say(isOurs ? String(error.stack) : error instanceof Obstacle ? error.message : String(error));
    return false;
  }
}

/**
 * Runs tests by Jest, and counts them.
 *
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function checkByJest(args, env = process.env) {
  const report = inCache('test', `report-${process.pid}.json`);
  await mkdir(inCache('test'), { recursive: true });
  try {
    const { code } = await run(
      process.execPath,
      ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...args],
      { show: 'stderr', env },
    );
    const { passed, failed } = countTests(
      await readFile(report, 'utf8').catch(() => undefined),
      code,
    );
    total.passed += passed;
    total.failed += failed;
  } finally {
    await rm(report, { force: true });
  }
}
