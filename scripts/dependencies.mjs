import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { npm } from './child.mjs';
import { alone } from './lock.mjs';
import { inRoot } from './project.mjs';
import { Obstacle, takingTime } from './terminal.mjs';

/** @typedef {{ packages?: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} LockFile */

/** How many faults a message names. */
const SHOWN_FAULTS = 3;

/** Runs `npm ci`, unless exactly what the lock file names is installed. */
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
    const faults = await findFaults();
    if (faults.length > 0) {
      const more = faults.length > SHOWN_FAULTS ? `, and ${faults.length - SHOWN_FAULTS} more` : '';
      throw new Obstacle(
        `npm ci ended without an error, but not everything is installed: ${faults.slice(0, SHOWN_FAULTS).join('; ')}${more}. ` +
          'Delete node_modules and run npm ci. Where that does not help, see what npm says of the registry, the proxy and the room on the disk.',
      );
    }
  });
}

const areInstalled = async () => (await findFaults()).length === 0;

/** @returns {Promise<string[]>} how the installation differs from the lock file */
async function findFaults() {
  const wanted = await readLock(inRoot('package-lock.json'));
  if (wanted === undefined) throw new Obstacle('package-lock.json is missing: is this a checkout?');
  // npm writes this file at the end of an installation, even of an incomplete one.
  const present = await readLock(inRoot('node_modules', '.package-lock.json'));
  if (present === undefined) return ['node_modules/.package-lock.json is missing'];
  if (!sameDependencies(wanted, present)) return ['node_modules is of another package-lock.json'];
  return faultyPackages(present, inRoot());
}

/**
 * The packages whose folders differ from the list.
 *
 * @param {LockFile} list node_modules/.package-lock.json, which leaves out other platforms' packages
 * @param {string} root the folder that holds node_modules
 */
export async function faultyPackages(list, root) {
  const { '': _project, ...packages } = list.packages ?? {};
  const faults = await Promise.all(
    Object.entries(packages).map(async ([folder, { version }]) => {
      const file = path.join(root, folder, 'package.json');
      try {
        const installed = JSON.parse(await readFile(file, 'utf8'));
        if (installed.version === version) return [];
        return [`${folder} is ${installed.version}, not ${version}`];
      } catch {
        return [`${folder} ${version} is missing`];
      }
    }),
  );
  return faults.flat();
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
 * Whether the installed packages are those of the lock file. Optional packages may be missing, because
 * they are other platforms' binaries.
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
