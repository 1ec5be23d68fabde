/**
 * `npm run soak`: restarts jobs on a real Temporal server for an hour, while one in twenty requests to
 * ModelArts fails. Judges each restart by the simulator's log, and the worker by its memory, its open sockets
 * and files, and its log. The last line is `N passed, N failed`. For arguments see `soak/index.ts`.
 */
import { judgedRun } from './judged-run.mjs';
import { importTool } from './local-stack.mjs';

await judgedRun('soak', async () => {
  /** @type {typeof import('../soak/index.js')} */
  const { soak, readArguments, USAGE } = await importTool('soak');
  return {
    usage: USAGE,
    readArguments,
    title: ({ seed, minutes }) => `seed ${seed}, ${minutes} minutes`,
    run: soak,
  };
});
