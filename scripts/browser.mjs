import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { run, tail } from './child.mjs';
import { downloadByPlaywright } from './browser-download.mjs';
import { findProgram } from './find-program.mjs';
import { Obstacle, takingTime } from './terminal.mjs';

/** The names of Chromium's and Chrome's executables. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Where macOS keeps them. They are not on `PATH` there. */
const MAC_APPLICATIONS = ['Google Chrome', 'Chromium'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

/** Long enough for 80 MB over a slow line. */
const APT_LIMIT_MS = 600_000;

/** A browser prints its version within a second, or ten seconds on a busy machine. */
const VERSION_LIMIT_MS = 15_000;

/** @typedef {import('./find-program.mjs').Search} Search */

/**
 * Finds a Chromium for tests: `CHROMIUM_PATH`, then one on `PATH`, then Playwright's own, downloaded
 * if necessary, then Debian's package, installed if we are root.
 *
 * A variable that is set to anything but an executable is an error.
 *
 * @param {{ env?: NodeJS.ProcessEnv, places?: import('./find-program.mjs').Place[] }} [options]
 * `places`: where to look after `PATH` instead of those
 * @returns {Promise<string>} the path of the executable
 */
export async function findBrowser({ env = process.env, places } = {}) {
  const named = env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') {
    const why = await whyNoBrowser(named, env);
    if (why === undefined) return path.resolve(named);
    throw new Obstacle(`CHROMIUM_PATH is ${named}, which is not a Chromium that runs: ${why}`);
  }
  const fetched = [
    { name: "Playwright's own Chromium", search: () => playwrights(env) },
    { name: "Debian's package", search: () => installByApt(env) },
  ];
  return findProgram(
    [{ name: 'Chromium or Chrome on PATH', search: () => onPath(env) }, ...(places ?? fetched)],
    {
      variable: 'CHROMIUM_PATH',
      needed: 'A Chromium is needed to look at the Temporal UI',
      advice: [
        'Install one: `apt-get install chromium` (Debian), `dnf install chromium` (Fedora),',
        '`brew install --cask google-chrome` (macOS), `npx playwright-core install chromium` (anywhere);',
        'or set CHROMIUM_PATH to the executable.',
      ],
    },
  );
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Search>}
 */
async function onPath(env) {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const usual = process.platform === 'darwin' ? MAC_APPLICATIONS : [];
  const others = [];
  for (const file of NAMES.flatMap((name) => folders.map((f) => path.join(f, name))).concat(
    usual,
  )) {
    const why = await whyNoBrowser(file, env);
    if (why === undefined) return { found: file };
    if (why !== NOT_THERE) others.push(`${file}: ${why}`);
  }
  return { missing: others.length === 0 ? 'not there' : others.join('; ') };
}

const NOT_THERE = 'not there';

/**
 * A browser must print its version. Ubuntu's `chromium-browser` is a script that asks for a snap, and
 * a browser may lack libraries.
 *
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} undefined if it is a browser
 */
async function whyNoBrowser(file, env) {
  const { code, output } = await run(file, ['--version'], { env, timeoutMs: VERSION_LIMIT_MS });
  if (code === 127 && output.includes('ENOENT')) return NOT_THERE;
  if (code === 0 && /\b(Chromium|Chrome)\b.* \d+\.\d+/.test(output)) return undefined;
  return tail(output, 2) || `it ended with ${code}`;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Search>}
 */
async function playwrights(env) {
  const { chromium } = await import('playwright-core');
  const file = chromium.executablePath();
  if ((await whyNoBrowser(file, env)) === NOT_THERE) {
    const problem = await downloadByPlaywright(env);
    if (problem !== undefined) return { missing: problem };
  }
  const why = await whyNoBrowser(file, env);
  return why === undefined
    ? { found: file }
    : { missing: `${file}: ${why} (\`npx playwright-core install-deps chromium\` may help)` };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Search>}
 */
async function installByApt(env) {
  if (!(await isDebian())) return { missing: 'this is not Debian' };
  if (process.getuid?.() !== 0) {
    return { missing: 'only root may install it: `sudo apt-get install chromium`' };
  }
  const aptEnv = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  /** @param {string[]} args */
  const apt = (args) => run('apt-get', args, { env: aptEnv, timeoutMs: APT_LIMIT_MS });
  return takingTime('installing Chromium with apt-get', async () => {
    // If the package lists can't be updated, the present ones may be enough.
    const update = await apt(['update', '--quiet']);
    const options = ['--quiet', '--yes', '--no-install-recommends'];
    const install = await apt(['install', ...options, 'chromium']);
    if (install.code === 0) return onPath(env);
    const why = [update, install]
      .filter(({ code }) => code !== 0)
      .map(({ output }) => tail(output));
    return { missing: `apt-get: ${why.join('\n')}` };
  });
}

async function isDebian() {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID="?debian"?$/m.test(release);
}
