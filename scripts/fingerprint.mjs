import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inCache, inRoot } from './project.mjs';

/**
 * Makes something from files, unless it was made from the very same files already.
 *
 * @param {string} name
 * @param {{ from: string[], makes: string[], make: () => Promise<void> }} rule
 * `from`: files and folders, relative to the project; those that don't exist count too.
 * `makes`: files that must be there afterwards
 */
export async function makeIfChanged(name, { from, makes, make }) {
  const record = inCache('fingerprints', name);
  const fingerprint = await fingerprintOf(from);
  const made = await readFile(record, 'utf8').catch(() => '');
  if (made === fingerprint && (await allExist(makes))) return;

  await make();
  if (!(await allExist(makes))) throw new Error(`${name}: ${makes.join(' or ')} was not made.`);
  await mkdir(path.dirname(record), { recursive: true });
  await writeFile(record, fingerprint);
}

/** @param {string[]} files */
async function allExist(files) {
  const found = await Promise.all(
    files.map((file) =>
      stat(inRoot(file)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

/** @param {string[]} sources */
async function fingerprintOf(sources) {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of await filesIn(source)) {
      hash.update(`${file}\0`);
      hash.update(await readFile(inRoot(file)));
      hash.update('\0');
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} source
 * @returns {Promise<string[]>} relative to the project, in a stable order
 */
async function filesIn(source) {
  const kind = await stat(inRoot(source)).catch(() => undefined);
  if (kind === undefined) return [];
  if (kind.isFile()) return [source];
  const entries = await readdir(inRoot(source), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(inRoot(), path.join(entry.parentPath, entry.name)))
    .sort();
}
