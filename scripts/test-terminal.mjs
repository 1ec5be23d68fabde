/**
 * `npm run test:terminal`: the tests of the command line in a real terminal and in the shells whose completion it has.
 * Arguments are passed on to Jest: `npm run test:terminal -- completion`.
 *
 * The last line is `N passed, N failed`. Where a program is missing, this fails and says which package has it.
 */
import { build } from './build.mjs';
import { check, checkByJest, exitCode } from './checks.mjs';
import { run } from './child.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle } from './terminal.mjs';

/** What the tests need, and Debian's package of it. */
const PROGRAMS = { bash: 'bash', fish: 'fish', script: 'bsdutils', tmux: 'tmux', zsh: 'zsh' };

if ((await check('programs', findPrograms)) && (await check('set-up', setUp))) {
  await check('build', build);
  await checkByJest(['--config', 'test/terminal/jest.config.cjs', ...process.argv.slice(2)]);
}
process.exitCode = exitCode();

async function findPrograms() {
  const missing = [];
  for (const [program, packageName] of Object.entries(PROGRAMS)) {
    const { code } = await run('sh', ['-c', `command -v ${program}`]);
    if (code !== 0) missing.push({ program, packageName });
  }
  if (missing.length === 0) return;
  const programs = missing.map(({ program }) => program).join(', ');
  const packages = missing.map(({ packageName }) => packageName).join(' ');
  throw new Obstacle(
    `These tests need programs that are not on PATH: ${programs}. Install them, on Debian by \`apt-get install ${packages}\`.`,
  );
}
