/**
 * `npm run test:examples`: tests the programs under `examples/` and the commands on the pages under `docs/`, from a bare
 * clone. Passes its arguments on to Jest.
 *
 * The last line is `N passed, N failed`.
 */
import { build } from './build.mjs';
import { checkByJest, exitCode } from './checks.mjs';
import { alone } from './lock.mjs';
import { setUp } from './set-up.mjs';
import { runScript } from './terminal.mjs';

await runScript(async () => {
  await setUp();
  await build();
  const args = ['--config', 'test/examples/jest.config.cjs', '--verbose', ...process.argv.slice(2)];
  await alone('examples', () => checkByJest(args));
  return exitCode();
});
