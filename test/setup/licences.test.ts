import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkLicences, unwantedLicences } from '../../scripts/licences.mjs';

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'licences-'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

/** Installs packages, and answers with those that are not wanted. */
function unwanted(
  packages: Record<string, { license?: unknown; dev?: boolean; file?: string }>,
): Promise<string[]> {
  const lock: Record<string, { dev?: boolean }> = { '': {} };
  for (const [name, { license, dev, file }] of Object.entries(packages)) {
    const folder = path.join(project, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ license }));
    if (file !== undefined) writeFileSync(path.join(folder, 'LICENSE'), file);
    lock[`node_modules/${name}`] = dev === true ? { dev } : {};
  }
  return unwantedLicences({ packages: lock }, project);
}

it('all packages that are installed with the worker have a licence of the list', async () => {
  await expect(checkLicences()).resolves.toBeUndefined();
});

it('names a licence that is not in the list, and one that is not told', async () => {
  const packages = {
    good: { license: 'MIT' },
    bad: { license: 'GPL-3.0-only' },
    '@a/silent': {},
    odd: { license: { type: 'MIT' } },
  };
  expect(await unwanted(packages)).toEqual(['bad: GPL-3.0-only', '@a/silent: none', 'odd: none']);
});

it('takes one of two that one may choose from, and needs both where both hold', async () => {
  const packages = {
    either: { license: '(MIT OR GPL-3.0-only)' },
    both: { license: 'Apache-2.0 AND MIT' },
    one: { license: 'MIT AND GPL-3.0-only' },
  };
  expect(await unwanted(packages)).toEqual(['one: MIT AND GPL-3.0-only']);
});

it('lets tools of development have any licence', async () => {
  expect(await unwanted({ tool: { license: 'GPL-3.0-only', dev: true } })).toEqual([]);
});

it('knows a package by the text of its licence where its package.json names none', async () => {
  const file = readFileSync(path.resolve('node_modules/unionfs/LICENSE'), 'utf8');
  expect(await unwanted({ free: { file }, other: { file: 'Pay me.\n' } })).toEqual(['other: none']);
});

it('a package that is missing is not taken for a good one', async () => {
  const packages = { 'node_modules/gone': {}, 'node_modules/other-platform': { optional: true } };
  expect(await unwantedLicences({ packages }, project)).toEqual(['gone: not installed']);
});
