import { readFile } from 'node:fs/promises';
import { run } from './command.mjs';
import { alone } from './lock.mjs';
import { inRoot } from './project.mjs';
import { Obstacle, takingTime } from './terminal.mjs';

/**
 * @typedef {{ packages?: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} LockFile
 */

/** Installs what the lock file names, unless exactly that is installed. */
export async function installDependencies() {
  if (await areInstalled()) return;
  await alone('npm-ci', async () => {
    if (await areInstalled()) return;
    const { code } = await takingTime('installing dependencies with npm ci', () =>
      npm(['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], { show: true }),
    );
    if (code !== 0) {
      throw new Obstacle(
        `npm ci failed with exit code ${code}. Its own message is above; the usual reason is that the npm registry can't be reached.`,
      );
    }
  });
}

/**
 * Runs npm: the one that runs this script, if there is one.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} options
 */
function npm(args, options) {
  const own = process.env['npm_execpath'];
  return own === undefined
    ? run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options)
    : run(process.execPath, [own, ...args], options);
}

async function areInstalled() {
  const wanted = await readLock(inRoot('package-lock.json'));
  if (wanted === undefined) throw new Obstacle('package-lock.json is missing: is this a checkout?');
  // npm writes this file as the last thing of a complete installation.
  const present = await readLock(inRoot('node_modules', '.package-lock.json'));
  return present !== undefined && sameDependencies(wanted, present);
}

/**
 * @param {string} file
 * @returns {Promise<LockFile | undefined>}
 */
async function readLock(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Whether what is installed is what the lock file names. Optional packages may be missing: they
 * are other platforms' binaries.
 *
 * @param {LockFile} wanted package-lock.json
 * @param {LockFile} present node_modules/.package-lock.json
 */
export function sameDependencies(wanted, present) {
  const { '': _project, ...want } = wanted.packages ?? {};
  const have = present.packages ?? {};
  return (
    Object.entries(want).every(([folder, { version, optional, devOptional }]) => {
      const installed = have[folder];
      if (installed === undefined) return optional === true || devOptional === true;
      return installed.version === version;
    }) && Object.keys(have).every((folder) => folder in want)
  );
}
