import { mkdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { installDependencies } from './dependencies.mjs';
import { alone } from './lock.mjs';
import { CACHE, inCache, inRoot } from './project.mjs';
import { findTemporalCli } from './temporal-cli.mjs';
import { Obstacle, runScript, say } from './terminal.mjs';

/** Makes a bare clone ready: checks Node's version, and installs dependencies if they are missing. */
export async function setUp() {
  await checkNode();
  await mkdir(CACHE, { recursive: true });
  await installDependencies();
}

/** @returns {Promise<string>} the path of the Temporal CLI; after `setUp()` */
export const setUpTemporalCli = () =>
  alone('temporal-cli', () => findTemporalCli({ cacheDir: inCache('temporal-cli') }));

async function checkNode() {
  const { engines } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'));
  const wanted = String(engines.node);
  if (!isAtLeast(process.versions.node, wanted)) {
    throw new Obstacle(
      `Node ${wanted} is needed; this is ${process.versions.node} (${process.execPath}).`,
    );
  }
}

/**
 * @param {string} version `20.20.2`
 * @param {string} range `>=20.20`
 */
export function isAtLeast(version, range) {
  const have = version.split('.').map(Number);
  const want = range.replace('>=', '').trim().split('.').map(Number);
  for (const [index, wanted] of want.entries()) {
    const difference = (have[index] ?? 0) - wanted;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript(async () => {
    await setUp();
    say(`Ready. Temporal CLI: ${await setUpTemporalCli()}`);
  });
}
