/**
 * `npm run test:browser`: the tests against the Temporal UI in a real browser, from a bare clone.
 * Arguments are passed on to Jest: `npm run test:browser -- -t checkNow`.
 *
 * The last line is `N passed, N failed`, whatever happens. Screenshots are left in
 * `artifacts/browser/`, and where a test fails the text of the page too.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { findBrowser } from './browser.mjs';
import { build } from './build.mjs';
import { run } from './command.mjs';
import { alone } from './lock.mjs';
import { inCache, inRoot } from './project.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { countTests } from './test-count.mjs';
import { dim, runScript, say } from './terminal.mjs';

let total = { passed: 0, failed: 1 };
process.on('exit', () => {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
});

const ARTIFACTS = inRoot('artifacts', 'browser');

await runScript(async () => {
  await setUp();
  await setUpTemporalCli();
  const browser = await alone('browser', findBrowser);
  say(dim(`· browser: ${browser}`));
  await build();
  await rm(ARTIFACTS, { recursive: true, force: true });

  total = await test(browser);
  say(dim(`· screenshots: ${path.relative(inRoot(), ARTIFACTS)}/`));
  return total.failed === 0 ? 0 : 1;
});

/** @param {string} browser */
async function test(browser) {
  const report = inCache('test', `browser-${process.pid}.json`);
  await mkdir(path.dirname(report), { recursive: true });
  try {
    const { code } = await run(
      process.execPath,
      ['node_modules/jest/bin/jest.js', '--config', 'test/browser/jest.config.cjs', '--verbose']
        .concat(['--json', `--outputFile=${report}`])
        .concat(process.argv.slice(2)),
      { show: 'stderr', env: { ...process.env, CHROMIUM_PATH: browser } },
    );
    return countTests(await readFile(report, 'utf8').catch(() => undefined), code);
  } finally {
    await rm(report, { force: true });
  }
}
