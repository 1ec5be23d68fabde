import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE, inCache } from './project.mjs';
import { dim, say } from './terminal.mjs';

/** A lock whose owner can't be read is being written right now, or its owner died in between. */
const UNREADABLE_FOR_MS = 5_000;

/**
 * Does work while no other process of this checkout does work under the same name. A lock whose
 * owner is gone is taken over, so a killed script blocks nobody.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(name, work) {
  const lock = inCache('locks', name);
  await mkdir(path.dirname(lock), { recursive: true });
  for (let tries = 0; !(await take(lock)); tries++) {
    const owner = await ownerOf(lock);
    if (owner === 'gone') await rm(lock, { recursive: true, force: true });
    else {
      if (tries === 4) say(dim(`· waiting for process ${owner}, which does the same`));
      await sleep(250);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** @param {string} lock */
async function take(lock) {
  try {
    await mkdir(lock);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(path.join(lock, 'pid'), String(process.pid));
  return true;
}

/**
 * @param {string} lock
 * @returns {Promise<number | 'gone' | 'unknown'>}
 */
async function ownerOf(lock) {
  try {
    const pid = Number(await readFile(path.join(lock, 'pid'), 'utf8'));
    if (pid > 0) {
      process.kill(pid, 0);
      return pid;
    }
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ESRCH') return 'gone';
    if (code !== 'ENOENT') throw error;
  }
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  return age > UNREADABLE_FOR_MS ? 'gone' : 'unknown';
}

/** Makes the folder for everything that the scripts keep. */
export const makeCache = () => mkdir(CACHE, { recursive: true });
