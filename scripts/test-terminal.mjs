/**
 * `npm run test:terminal`: tests the command line in a real terminal, and its completion in bash, zsh and fish. Passes
 * its arguments on to Jest: `npm run test:terminal -- completion`.
 *
 * The last line is `N passed, N failed`. If a program is missing, fails and names the package that has it.
 */
import { build } from './build.mjs';
import { check, checkByJest, exitCode } from './checks.mjs';
import { run } from './child.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle } from './terminal.mjs';

/** The programs that the tests need, and their Debian packages. */
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
