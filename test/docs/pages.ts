import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');

/** Every page that people read, by its path from the root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...pagesUnder('docs'),
  ...pagesUnder('examples'),
];

function pagesUnder(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .map((file) => path.posix.join(folder, ...file.split(path.sep)))
    .toSorted();
}

export function textOf(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8');
}

/** The text without its fenced blocks. */
export function proseOf(text: string): string {
  return text.replace(/^( *)```.*?^\1```$/gms, '');
}

/** The text from a heading of the second or third level up to the next heading. */
export function sectionOf(text: string, heading: string): string {
  const start = text.search(new RegExp(`^##+ ${heading}$`, 'm'));
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const [, ...rest] = text.slice(start).split('\n');
  const end = rest.findIndex((line) => line.startsWith('#'));
  return rest.slice(0, end < 0 ? undefined : end).join('\n');
}

/** The body rows of all tables in a text, as cells. */
export function rowsIn(text: string): string[][] {
  const lines = text.split('\n').filter((line) => /^ *\|.*\|$/.test(line));
  // The row above a rule is a head.
  const isRule = (line: string | undefined): boolean =>
    line !== undefined && /^[ |:-]+$/.test(line);
  return lines
    .filter((line, index) => !isRule(line) && !isRule(lines[index + 1]))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** What stands in backticks. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}
