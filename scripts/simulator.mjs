import { spawn } from 'node:child_process';
import { buildTools } from './build.mjs';
import { inCache } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runScript } from './terminal.mjs';

await runScript(async () => {
  await setUp();
  await buildTools();
  const child = spawn(
    process.execPath,
    [inCache('tools', 'simulator', 'main.js'), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  // Ctrl-C reaches the child by itself; a signal sent to this process alone does not.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
});
