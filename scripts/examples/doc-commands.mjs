/** The commands of the documentation's pages, run as a reader would run them. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../checks.mjs';
import { inCache, inRoot } from '../project.mjs';
import { Obstacle } from '../terminal.mjs';
import { must, RUN_LIMIT_MS } from './programs.mjs';
import { TYPESCRIPT } from './install.mjs';

/**
 * Runs those of one page, in its order.
 *
 * @param {string} page
 * @param {{ cli: string, env: NodeJS.ProcessEnv }} scene
 */
export async function checkCommands(page, { cli, env }) {
  const PATH = [await folderOfPrograms(cli), env['PATH']].join(path.delimiter);
  for (const command of await commandsOf(page)) {
    await check(`${page}: ${command}`, () =>
      must('sh', ['-c', command], { env: { ...env, PATH }, timeoutMs: RUN_LIMIT_MS }),
    );
  }
}

/**
 * The commands of a page: the lines of its fences that are marked `sh ci`, as in the README.
 *
 * @param {string} page
 */
async function commandsOf(page) {
  const text = await readFile(inRoot(page), 'utf8');
  const fences = [...text.matchAll(/^```sh ci\n([\s\S]*?)^```$/gm)];
  const commands = fences.flatMap(([, lines = '']) => lines.split('\n')).filter(Boolean);
  if (commands.length === 0) throw new Obstacle(`${page} has no commands to run.`);
  return commands;
}

/**
 * @param {string} cli
 * @returns {Promise<string>} a folder with what the pages call: `temporal` and `modelarts-restarter`
 */
async function folderOfPrograms(cli) {
  const folder = inCache('examples', 'bin');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await symlink(cli, path.join(folder, 'temporal'));
  const installed = path.join(TYPESCRIPT, 'node_modules', '.bin', 'modelarts-restarter');
  await writeFile(
    path.join(folder, 'modelarts-restarter'),
    `#!/bin/sh\nexec '${process.execPath}' '${installed}' "$@"\n`,
    { mode: 0o755 },
  );
  return folder;
}
