import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inRoot } from './project.mjs';
import { Obstacle } from './terminal.mjs';

/** Licences that allow everybody to use and pass on the worker, with no more than a notice. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  // Of data alone: caniuse-lite.
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'Unlicense',
];

/** The first line of a licence that a package has as a file, but does not name in its package.json. */
const TEXTS = {
  'This is free and unencumbered software released into the public domain.': 'Unlicense',
};

/** @typedef {{ packages: Record<string, { dev?: boolean, devOptional?: boolean, optional?: boolean }> }} LockFile */

/** Checks the licences of all packages that are installed with the worker. */
export async function checkLicences(root = inRoot()) {
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
  const unwanted = await unwantedLicences(lock, root);
  if (unwanted.length === 0) return;
  throw new Obstacle(
    `The licences of these packages are not in the list of scripts/licences.mjs: ${unwanted.join(', ')}`,
  );
}

/**
 * The installed packages of production with a licence that is not allowed, as `name: licence`.
 *
 * @param {LockFile} lock
 * @param {string} root the folder that holds node_modules
 */
export async function unwantedLicences({ packages }, root) {
  const { '': _project, ...others } = packages;
  const ours = Object.entries(others).filter(([, { dev, devOptional }]) => !dev && !devOptional);
  const found = await Promise.all(
    ours.map(async ([folder, { optional }]) => {
      const licence = await licenceOf(path.join(root, folder));
      // A package for another platform.
      if (licence === undefined && optional) return [];
      const name = folder.replace(/^.*node_modules\//, '');
      return isAllowed(licence ?? '') ? [] : [`${name}: ${licence ?? 'not installed'}`];
    }),
  );
  return found.flat();
}

/** @param {string} expression as package.json has it: `MIT`, `(MIT OR GPL-3.0)`, `Apache-2.0 AND MIT` */
const isAllowed = (expression) =>
  expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((either) => either.split(' AND ').every((one) => ALLOWED.includes(one)));

/**
 * @param {string} folder
 * @returns {Promise<string | undefined>} undefined if the package is not installed
 */
async function licenceOf(folder) {
  try {
    const { license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    return typeof license === 'string' ? license : ((await licenceOfText(folder)) ?? 'none');
  } catch {
    return undefined;
  }
}

/** @param {string} folder */
async function licenceOfText(folder) {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) return undefined;
  const [first = ''] = (await readFile(path.join(folder, file), 'utf8')).split('\n');
  return Object.entries(TEXTS).find(([text]) => text === first.trim())?.[1];
}
