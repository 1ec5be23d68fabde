/**
 * `npm run prove`: carries the restart protocol out in a simulated world, 100,000 times, and judges
 * each run. `-- --seeds N`, `-- --seed S` for one alone; see `proof/index.ts`.
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
