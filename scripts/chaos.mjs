/**
 * `npm run chaos`: 200 restarts on a real Temporal server while workers and server are killed and
 * ModelArts loses requests, throttles and shows old readings. Then judges each restart by the
 * simulator's log. The last line is `N passed, N failed`. For arguments see `chaos/index.ts`.
 */
import { judgedRun } from './judged-run.mjs';
import { importTool } from './local-stack.mjs';

await judgedRun('chaos', async () => {
  /** @type {typeof import('../chaos/index.js')} */
  const { chaos, readArguments, USAGE } = await importTool('chaos');
  return {
    usage: USAGE,
    readArguments,
    title: ({ seed }) => `seed ${seed}`,
    run: chaos,
  };
});
