import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBrowser } from '../../scripts/browser.mjs';

const CHROMIUM = '#!/bin/sh\necho "Chromium 999.0.1 built on Something"\n';
const SNAP_STUB = '#!/bin/sh\necho "it requires the chromium snap to be installed" >&2\nexit 1\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'find-browser-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const inFolder = (name: string): string => path.join(folder, name);

function executable(name: string, text: string): string {
  const file = inFolder(name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

/** The places after `PATH`, and which of them were asked. */
function placesThat(...answers: ({ found: string } | { missing: string })[]) {
  const asked: string[] = [];
  const places = answers.map((answer, index) => ({
    name: `place ${index + 1}`,
    search: async () => {
      asked.push(`place ${index + 1}`);
      return answer;
    },
  }));
  return { places, asked };
}

test('takes the browser that CHROMIUM_PATH names before one on PATH', async () => {
  const named = executable('elsewhere/my-chromium', CHROMIUM);
  executable('bin/chromium', CHROMIUM);
  expect(await findBrowser({ env: { CHROMIUM_PATH: named, PATH: inFolder('bin') } })).toBe(named);
});

test('says so where CHROMIUM_PATH leads nowhere, and does not look elsewhere', async () => {
  executable('bin/chromium', CHROMIUM);
  const env = { CHROMIUM_PATH: inFolder('typo'), PATH: inFolder('bin') };
  await expect(findBrowser({ env })).rejects.toThrow(
    `CHROMIUM_PATH is ${inFolder('typo')}, which is not a Chromium that runs: not there`,
  );
});

test('passes by what is called a browser and does not run', async () => {
  executable('first/chromium-browser', SNAP_STUB);
  const real = executable('second/google-chrome', CHROMIUM);
  const env = { CHROMIUM_PATH: '', PATH: `${inFolder('first')}:${inFolder('second')}` };
  const { places, asked } = placesThat({ found: '/never/asked' });
  expect({ found: await findBrowser({ env, places }), asked }).toEqual({ found: real, asked: [] });
});

test('asks the next place only where the one before has nothing', async () => {
  const { places, asked } = placesThat(
    { missing: 'no network' },
    { found: '/second/chromium' },
    { found: '/third/chromium' },
  );
  const found = await findBrowser({ env: { PATH: inFolder('bin') }, places });
  expect({ found, asked }).toEqual({ found: '/second/chromium', asked: ['place 1', 'place 2'] });
});

test('lists everything that was tried, and what to install, where there is none', async () => {
  const stub = executable('bin/chromium-browser', SNAP_STUB);
  const { places } = placesThat({ missing: 'the host can’t be reached' }, { missing: 'not root' });
  const search = findBrowser({ env: { PATH: inFolder('bin') }, places });
  await expect(search).rejects.toMatchObject({
    message: [
      'A Chromium is needed to look at the Temporal UI, and none was found. Tried:',
      '  - CHROMIUM_PATH: not set',
      `  - Chromium or Chrome on PATH: ${stub}: it requires the chromium snap to be installed`,
      '  - place 1: the host can’t be reached',
      '  - place 2: not root',
      'Install one: `apt-get install chromium` (Debian), `dnf install chromium` (Fedora),',
      '`brew install --cask google-chrome` (macOS), `npx playwright-core install chromium` (anywhere);',
      'or set CHROMIUM_PATH to the executable.',
    ].join('\n'),
  });
});
