/**
 * `npm run test:browser`: tests the Temporal UI in a real browser, from a bare clone. Passes its
 * arguments on to Jest: `npm run test:browser -- -t checkNow`.
 *
 * The last line is `N passed, N failed`. Leaves screenshots in `artifacts/browser/`, and for a failed
 * test the text of the page too.
 */
import { rm } from 'node:fs/promises';
import { findBrowser } from './browser.mjs';
import { build } from './build.mjs';
import { checkByJest, exitCode } from './checks.mjs';
import { alone } from './lock.mjs';
import { inRoot } from './project.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { dim, runScript, say } from './terminal.mjs';

await runScript(async () => {
  await setUp();
  await setUpTemporalCli();
  const browser = await alone('browser', findBrowser);
  say(dim(`· browser: ${browser}`));
  await build();
  await rm(inRoot('artifacts', 'browser'), { recursive: true, force: true });

  const args = ['--config', 'test/browser/jest.config.cjs', '--verbose', ...process.argv.slice(2)];
  await checkByJest(args, { ...process.env, CHROMIUM_PATH: browser });
  say(dim('· screenshots: artifacts/browser/'));
  return exitCode();
});
