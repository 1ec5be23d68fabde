/**
 * `npm test`: runs every check that needs Node alone, from a bare clone. Passes its arguments on to
 * Jest: `npm test -- test/domain`. `SECOND_NODE=1` is for sources that have passed on another Node,
 * and leaves out the checks that can't differ between two Nodes.
 *
 * The last line is `N passed, N failed`: Jest's tests, and each other check as one.
 */
import { readFile, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, buildTools } from './build.mjs';
import { check, checkByJest, exitCode } from './checks.mjs';
import { run } from './child.mjs';
import { inCache } from './project.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle, say } from './terminal.mjs';

const isSecondNode = process.env['SECOND_NODE'] === '1';

// Before this run takes any of it.
const isBusy = (await idleShare()) < 0.5;

if (await check('set-up', setUp)) {
  // Beside the build and the tests, which wait more than they work.
  const sources = isSecondNode ? undefined : checkSources();
  await check('build', async () => {
    await build();
    await buildTools();
  });
  await runTests(process.argv.slice(2));
  await sources;
}
process.exitCode = exitCode();

/** How much of the machine's time nobody uses now. */
async function idleShare() {
  const times = () => cpus().map((cpu) => cpu.times);
  const before = times();
  await sleep(500);
  let [idle, all] = [0, 0];
  for (const [index, now] of times().entries()) {
    const then = before[index] ?? now;
    idle += now.idle - then.idle;
    all += Object.values(now).reduce((a, b) => a + b) - Object.values(then).reduce((a, b) => a + b);
  }
  return all === 0 ? 1 : idle / all;
}

/** @param {string[]} args Jest's */
async function runTests(args) {
  const report = inCache('test', `scan-${process.pid}.json`);
  try {
    // Where others use the machine, tests that wait for one another would wait too long.
    if (isBusy) say('  the machine is busy: half as many test files at once');
    const load = isBusy ? { TEST_MACHINE_IS_BUSY: '1' } : {};
    await checkByJest(args, { ...process.env, ...load, TEST_SCAN_REPORT: report });
    await check('no credential is in a history of the tests', async () => {
      const { workflows, events, planted, leaks } = JSON.parse(await readFile(report, 'utf8'));
      say(`  ${workflows} workflows with ${events} events`);
      if (leaks.length > 0) throw new Obstacle(leaks.join('\n'));
      // Some of the tests alone may not be the one that plants it.
      if (planted === 0 && args.length === 0)
        throw new Obstacle('not even the planted one was found');
    });
  } finally {
    await rm(report, { force: true });
  }
}

/** All at once: none of them needs what another one makes. */
async function checkSources() {
  await Promise.all([
    check('types', () => tool('typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.json'])),
    check('lint', () => tool('oxlint/bin/oxlint', [])),
    check('format', () => tool('prettier/bin/prettier.cjs', ['--check', '.'])),
    check('dead code', () => tool('knip/bin/knip.js', [])),
  ]);
}

/**
 * @param {string} script inside node_modules
 * @param {string[]} args
 */
async function tool(script, args) {
  const { code, output } = await run(process.execPath, [`node_modules/${script}`, ...args]);
  if (code !== 0) throw new Obstacle(output.trim());
}
