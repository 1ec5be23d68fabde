import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inCache, inRoot } from './project.mjs';

/**
 * Makes something from files, if one of them has changed since the last time. A folder's own time counts too, because it
 * changes when a file is added, renamed or deleted.
 *
 * @param {string} name
 * @param {{ from: string[], makes: string[], make: () => Promise<void> }} rule
 * `from`: files and folders, relative to the project; `makes`: files that must be there afterwards
 */
export async function makeIfNewer(name, { from, makes, make }) {
  const stamp = inCache('made', name);
  const madeFrom = await changedAt(stamp);
  const sources = (await Promise.all(from.map(filesIn))).flat();
  const newest = Math.max(...(await Promise.all(sources.map(changedAt))));
  if (newest < madeFrom && (await allExist(makes))) return;

  // Taken before the work, so that a file that changes meanwhile is newer than the stamp.
  const startedAt = new Date();
  await make();
  if (!(await allExist(makes))) throw new Error(`${name}: ${makes.join(' or ')} was not made.`);
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, '');
  await utimes(stamp, startedAt, startedAt);
}

/** @param {string} file */
const changedAt = (file) =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** @param {string[]} files */
const allExist = async (files) =>
  (await Promise.all(files.map((file) => changedAt(inRoot(file))))).every((time) => time > 0);

/** @param {string} source */
async function filesIn(source) {
  const inside = await readdir(inRoot(source), { recursive: true }).catch(() => []);
  return [inRoot(source), ...inside.map((file) => inRoot(source, file))];
}
