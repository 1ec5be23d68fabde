/**
 * `npm run prove`: carries the restart protocol out in a simulated world, 100,000 times, and judges
 * each run. `-- --seeds N`, `-- --seed S` for one alone; see `proof/index.ts`.
 */
import { spawn } from 'node:child_process';
import { buildTools } from './build.mjs';
import { inCache } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runScript } from './terminal.mjs';

await runScript(async () => {
  await setUp();
  await buildTools();
  const args = [inCache('tools', 'proof', 'index.js'), ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
});
