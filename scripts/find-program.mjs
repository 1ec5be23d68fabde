import { Obstacle } from './terminal.mjs';

/**
 * @typedef {{ found: string } | { missing: string }} Search the path of the executable, or why it was not found
 * @typedef {{ name: string, search: () => Promise<Search> }} Place
 */

/**
 * Looks for a program in one place after the other.
 *
 * @param {Place[]} places
 * @param {{ variable: string, needed: string, advice: string[] }} words for the message if it is nowhere; `variable` is
 * the environment variable that could have named the executable
 * @returns {Promise<string>} the path of the executable
 * @throws {Obstacle} saying what was tried and what to do
 */
export async function findProgram(places, { variable, needed, advice }) {
  const tried = [`${variable}: not set`];
  for (const { name, search } of places) {
    const result = await search();
    if ('found' in result) return result.found;
    tried.push(`${name}: ${result.missing}`);
  }
  const lines = tried.map((line) => `  - ${line.replaceAll('\n', '\n    ')}`);
  throw new Obstacle([`${needed}, and none was found. Tried:`, ...lines, ...advice].join('\n'));
}
