import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The folder for generated files, which may be deleted at any time; ignored by git. */
export const CACHE = path.join(ROOT, '.cache');

/** @param {...string} parts */
export const inRoot = (...parts) => path.join(ROOT, ...parts);

/** @param {...string} parts */
export const inCache = (...parts) => path.join(CACHE, ...parts);
