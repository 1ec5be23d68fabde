import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inCache } from './project.mjs';
import { dim, say } from './terminal.mjs';

const LOOK_AGAIN_AFTER_MS = 100;

/**
 * Does work while no other process of this checkout does work under the same name. Without this lock, test files that
 * run in parallel and call `scripts/build.mjs` would delete one another's `dist/`.
 *
 * Takes over a lock whose owner is dead, so that a killed script blocks nobody.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(name, work) {
  const lock = inCache('locks', name);
  const own = `${lock}.${process.pid}`;
  await mkdir(path.dirname(lock), { recursive: true });
  await writeFile(own, String(process.pid));
  for (let tries = 1; !(await take(lock, own)); tries++) {
    const owner = await ownerOf(lock);
    if (owner !== undefined && !isAlive(owner)) await removeLockOf(owner, lock);
    else if (tries === 10) {
      say(dim(`· waiting for process ${owner}, which is at it (if it is not: delete ${lock})`));
    }
    await sleep(LOOK_AGAIN_AFTER_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
    await rm(own, { force: true });
  }
}

/**
 * Takes the lock by a link, which appears together with its content, so that no lock is ever without an owner.
 *
 * @param {string} lock
 * @param {string} own
 */
async function take(lock, own) {
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} lock
 * @returns {Promise<number | undefined>} undefined if nobody holds the lock any more
 */
const ownerOf = (lock) => readFile(lock, 'utf8').then(Number, () => undefined);

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Removes the lock of a dead process. Another process may do the same, so the lock's owner is checked again.
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
