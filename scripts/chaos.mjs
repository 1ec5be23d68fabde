/**
 * `npm run chaos`: 200 restarts on a real Temporal server while workers and server are killed and
 * ModelArts loses, throttles and shows old readings; then judges each by the simulator's log. The
 * last line is `N passed, N failed`. `-- --restarts N`, `-- --seed S`; see `chaos/index.ts`.
 */
import { mkdir, rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build, buildTools } from './build.mjs';
import { inCache, inRoot } from './project.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { Obstacle, dim, runScript, say } from './terminal.mjs';

// What was started has a guard each, which ends it when this process has ended.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

await runScript(async () => {
  await setUp();
  const cli = await setUpTemporalCli();
  await build();
  await buildTools();
  /** @type {typeof import('../chaos/index.js')} */
  const { chaos, readArguments, USAGE } = await import(
    pathToFileURL(inCache('tools', 'chaos', 'index.js')).href
  );
  const wanted = readArguments(process.argv.slice(2));
  if (wanted === undefined) throw new Obstacle(USAGE);

  const folder = inCache('chaos', `seed-${wanted.seed}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  process.stdout.write(`seed ${wanted.seed}\n`);
  const { lines, passed, failed } = await chaos(
    {
      cli,
      guard: inRoot('scripts', 'guarded.mjs'),
      worker: inRoot('dist', 'worker.js'),
      folder,
      say: (line) => say(dim(`· ${line}`)),
    },
    wanted,
  );
  if (failed === 0) await rm(folder, { recursive: true, force: true });
  process.stdout.write([...lines, `${passed} passed, ${failed} failed`, ''].join('\n'));
  return failed === 0 && passed > 0 ? 0 : 1;
});
process.exit();
