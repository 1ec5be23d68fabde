/**
 * `npm run soak`: restarts jobs on a real Temporal server for an hour, while one in twenty requests to
 * ModelArts fails. Judges each restart by the simulator's log, and the worker by its memory, its open sockets
 * and files, and its log. The last line is `N passed, N failed`. For arguments see `soak/index.ts`.
 */
import { mkdir, rm } from 'node:fs/promises';
import { startChild } from './child.mjs';
import { runAndEndAll } from './interruption.mjs';
import { importTool, prepareStack } from './local-stack.mjs';
import { inCache, inRoot } from './project.mjs';
import { Obstacle, dim, print, say } from './terminal.mjs';

await runAndEndAll(async ({ atEnd }) => {
  const cli = await prepareStack();
  /** @type {typeof import('../soak/index.js')} */
  const { soak, readArguments, USAGE } = await importTool('soak');
  const wanted = readArguments(process.argv.slice(2));
  if (wanted === undefined) throw new Obstacle(USAGE);

  const folder = inCache('soak', `seed-${wanted.seed}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  print(`seed ${wanted.seed}, ${wanted.minutes} minutes`);
  /** @type {Parameters<typeof soak>[0]} */
  const kit = {
    cli,
    start: (program, args, env) => {
      const child = startChild(program, args, { env });
      atEnd(child.close);
      return child;
    },
    worker: inRoot('dist', 'worker.js'),
    folder,
    say: (line) => say(dim(`· ${line}`)),
  };
  const { lines, passed, failed } = await soak(kit, wanted);
  if (failed === 0) await rm(folder, { recursive: true, force: true });
  print([...lines, `${passed} passed, ${failed} failed`].join('\n'));
  return failed === 0 && passed > 0 ? 0 : 1;
});
