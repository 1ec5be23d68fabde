import { spawn } from 'node:child_process';
import { buildTools } from './build.mjs';
import { onInterruption } from './interruption.mjs';
import { inCache, inRoot } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runScript } from './terminal.mjs';

const SIMULATOR = inCache('tools', 'simulator', 'main.js');

await runScript(async () => {
  await setUp();
  await buildTools();
  const child = spawn(
    process.execPath,
    [inRoot('scripts', 'guarded.mjs'), '--gently', process.execPath, SIMULATOR].concat(
      process.argv.slice(2),
    ),
    { stdio: ['pipe', 'inherit', 'inherit'] },
  );
  onInterruption(() => child.stdin.end());
  return await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
});
