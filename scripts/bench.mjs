/**
 * `npm run bench`: measurements against a real Temporal server and the simulator, each of which
 * prints its figures beside its limits. Exit code 1 where a limit is not met.
 */
import { pathToFileURL } from 'node:url';
import { build, buildTools } from './build.mjs';
import { startDevServer } from './dev-server.mjs';
import { onInterruption } from './interruption.mjs';
import { inCache, inRoot } from './project.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { Obstacle, bold, dim, runScript, say, yellow } from './terminal.mjs';

const interrupted = new AbortController();
onInterruption(() => interrupted.abort());

/** @type {(() => Promise<void>)[]} ended in reverse order */
const started = [];

await runScript(async () => {
  try {
    return await bench();
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    say(yellow('interrupted'));
    return 130;
  } finally {
    await endAll();
  }
});
// Where a measurement broke off, something may still be waiting for an answer.
process.exit();

async function bench() {
  await setUp();
  const cli = await setUpTemporalCli();
  await build();
  await buildTools();
  /** @type {typeof import('../bench/index.js')} */
  const { machine, readArguments, USAGE } = await import(
    pathToFileURL(inCache('tools', 'bench', 'index.js')).href
  );
  const wanted = readArguments(process.argv.slice(2));
  if (wanted === undefined) throw new Obstacle(USAGE);

  /** @type {import('../bench/index.js').Kit} */
  const kit = {
    startTemporal: () => startDevServer({ cli }),
    guard: inRoot('scripts', 'guarded.mjs'),
    worker: inRoot('dist', 'worker.js'),
    simulator: inCache('tools', 'simulator', 'main.js'),
    usualWorker: inCache('tools', 'bench', 'usual', 'worker.js'),
    atEnd: (close) => started.push(close),
    say: (line) => say(dim(`· ${line}`)),
  };
  print(dim(machine()));
  let met = true;
  for (const name of wanted.names) {
    const report = await Promise.race([wanted.measure(name, kit), interruption()]);
    print(`\n${bold(name)}: ${report.lines.join('\n')}`);
    met &&= report.met;
    await endAll();
  }
  return met ? 0 : 1;
}

async function endAll() {
  for (const close of started.splice(0).reverse()) await close();
}

/** @returns {Promise<never>} */
function interruption() {
  return new Promise((_resolve, reject) => {
    const stop = () => reject(interrupted.signal.reason);
    if (interrupted.signal.aborted) stop();
    else interrupted.signal.addEventListener('abort', stop);
  });
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
