import { readFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inCache, inRoot } from '../../scripts/project.mjs';
import { TYPESCRIPT } from './install.js';

const PAGES = [
  'docs/nexus.md',
  'docs/other-workflows.md',
  'docs/schedules.md',
  'docs/temporal-cli.md',
  'docs/temporal-ui.md',
];

/** Page and command, in the pages' order: the lines of the fences that are marked `sh ci`, as in the README. */
export const docCommands = (): [page: string, command: string][] =>
  PAGES.flatMap((page) => commandsOf(page).map((command): [string, string] => [page, command]));

function commandsOf(page: string): string[] {
  const fences = readFileSync(inRoot(page), 'utf8').matchAll(/^```sh ci\n([\s\S]*?)^```$/gm);
  const commands = [...fences].flatMap(([, lines = '']) => lines.split('\n')).filter(Boolean);
  if (commands.length === 0) throw new Error(`${page} has no commands to run.`);
  return commands;
}

/** Makes a folder with what the pages call: `temporal` and `modelarts-restarter`. */
export async function folderOfPrograms(cli: string): Promise<string> {
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
