/**
 * `npm run prove`: runs the restart protocol 100,000 times in a simulated world, and judges each run.
 * `-- --seeds N` runs N of them, `-- --seed S` one alone; see `proof/index.ts`.
 */
import { buildTools } from './build.mjs';
import { importTool } from './local-stack.mjs';
import { setUp } from './set-up.mjs';
import { runScript } from './terminal.mjs';

await runScript(async () => {
  await setUp();
  await buildTools();
  await importTool('proof');
});
