/** `npm run simulator`: runs the ModelArts simulator until Ctrl-C. `-- --port N`; see `simulator/main.ts`. */
import { pathToFileURL } from 'node:url';
import { buildTools } from './build.mjs';
import { inCache } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runScript } from './terminal.mjs';

await runScript(async () => {
  await setUp();
  await buildTools();
  await import(pathToFileURL(inCache('tools', 'simulator', 'main.js')).href);
});
