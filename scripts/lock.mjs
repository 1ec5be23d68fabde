import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE, inCache } from './project.mjs';
import { dim, say } from './terminal.mjs';

const LOOK_AGAIN_AFTER_MS = 100;

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
  for (let tries = 1; !(await take(lock)); tries++) {
    const owner = await ownerOf(lock);
    if (owner === undefined) continue;
    if (!isAlive(owner)) await removeLockOf(owner, lock);
    else if (tries === 10) {
      say(dim(`· waiting for process ${owner}, which is at it (if it is not: delete ${lock})`));
    }
    await sleep(LOOK_AGAIN_AFTER_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/**
 * A link appears with its content, so there is never a lock without an owner.
 *
 * @param {string} lock
 */
async function take(lock) {
  const own = `${lock}.${process.pid}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * @param {string} lock
 * @returns {Promise<number | undefined>} undefined where nobody holds it any more
 */
async function ownerOf(lock) {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Others may be at the same: what is removed must still be the lock of the dead one.
 *
 * @param {number} owner
 * @param {string} lock
 */
async function removeLockOf(owner, lock) {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await ownerOf(aside)) !== owner) await link(aside, lock).catch(() => {});
  await rm(aside, { force: true });
}

/** Makes the folder for everything that the scripts keep. */
export const makeCache = () => mkdir(CACHE, { recursive: true });
