/**
 * `npm run chaos`: 200 restarts on a real Temporal server while workers and server are killed and
 * ModelArts loses requests, throttles and shows old readings. Then judges each restart by the
 * simulator's log. The last line is `N passed, N failed`. For arguments see `chaos/index.ts`.
 */
import { mkdir, rm } from 'node:fs/promises';
import { startChild } from './child.mjs';
import { runAndEndAll } from './interruption.mjs';
import { importTool, prepareStack } from './local-stack.mjs';
import { inCache, inRoot } from './project.mjs';
import { Obstacle, dim, print, say } from './terminal.mjs';

await runAndEndAll(async ({ atEnd }) => {
  const cli = await prepareStack();
  /** @type {typeof import('../chaos/index.js')} */
  const { chaos, readArguments, USAGE } = await importTool('chaos');
  const wanted = readArguments(process.argv.slice(2));
  if (wanted === undefined) throw new Obstacle(USAGE);

  const folder = inCache('chaos', `seed-${wanted.seed}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  print(`seed ${wanted.seed}`);
  /** @type {import('../chaos/index.js').ChaosKit} */
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
  const { lines, passed, failed } = await chaos(kit, wanted);
  if (failed === 0) await rm(folder, { recursive: true, force: true });
  print([...lines, `${passed} passed, ${failed} failed`].join('\n'));
  return failed === 0 && passed > 0 ? 0 : 1;
});
