/**
 * `npm test`: runs every check that needs Node alone, from a bare clone. Passes its arguments on to
 * Jest: `npm test -- test/domain`. `SECOND_NODE=1` is for sources that have passed on another Node,
 * and leaves out the checks that can't differ between two Nodes.
 *
 * The last line is `N passed, N failed`: Jest's tests, and each other check as one.
 */
import { build, buildTools } from './build.mjs';
import { check, checkByJest, exitCode } from './checks.mjs';
import { run } from './child.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle } from './terminal.mjs';

const isSecondNode = process.env['SECOND_NODE'] === '1';

if (await check('set-up', setUp)) {
  // Beside the build and the tests, which wait more than they work.
  const sources = isSecondNode ? undefined : checkSources();
  await check('build', async () => {
    await build();
    await buildTools();
  });
  await checkByJest(process.argv.slice(2));
  await sources;
}
process.exitCode = exitCode();

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
