/**
 * `npm run demo`: one restart from KILLED to RUNNING, on a real Temporal server, against the
 * simulator. Everything is started on free ports and ended afterwards.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build, buildTools } from './build.mjs';
import { tail } from './command.mjs';
import { startDevServer } from './dev-server.mjs';
import { inCache, inRoot } from './project.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { Obstacle, bold, dim, green, red, runScript, yellow } from './terminal.mjs';

const TASK_QUEUE = 'modelarts-restarts';
const JOB_ID = '10';
const KILLED = 12;

/** What the job goes through once ModelArts has taken the request: about as fast as it is fun to watch. */
const AFTER_RESTART = [
  { afterMs: 700, status: 1 },
  { afterMs: 2_300, status: 7 },
  { afterMs: 4_000, status: 8 },
];

/** Ten times what it takes. */
const LIMIT = '1m';

/**
 * @typedef {{ code: number, name: string }} Status
 * @typedef {object} Progress
 * @property {string} phase
 * @property {Status} [before]
 * @property {(Status & { at: string })[]} transitions
 * @property {string} [acceptedAt]
 * @property {string} startedAt
 * @property {string} [endedAt]
 * @property {string} [outcome]
 * @property {string} [serviceUrl]
 * @property {{ code?: string, message: string }} [error]
 */

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort());

/** @returns {Promise<never>} */
const interruption = () =>
  new Promise((_resolve, reject) => {
    interrupted.signal.addEventListener('abort', () => reject(interrupted.signal.reason));
  });

/** @type {(() => Promise<void>)[]} ended in reverse order */
const started = [];

await runScript(async () => {
  try {
    return await demo();
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    print(yellow('interrupted'));
    return 130;
  } finally {
    for (const close of started.reverse()) await close();
  }
});
// Where it broke off, a query is still waiting for an answer that nobody will give.
process.exit();

async function demo() {
  await setUp();
  const cli = await setUpTemporalCli();
  await build();
  await buildTools();
  interrupted.signal.throwIfAborted();

  print(bold('\nmodelarts-restarter: one restart, from KILLED to RUNNING\n'));
  const server = await startDevServer({ cli });
  started.push(() => server.close());
  print(`  Temporal server    ${server.address}`);

  const simulator = await simulateKilledJob();
  started.push(() => simulator.close());
  print(`  ModelArts          ${simulator.url} ${dim('(simulated)')}`);

  const worker = startWorker(server.address, simulator);
  started.push(() => worker.close());
  print(`  worker             process ${worker.pid}\n`);

  const outcome = await Promise.race([
    restart(server.address, simulator.projectId),
    worker.died,
    interruption(),
  ]);
  report(outcome);
  return outcome.outcome === 'running' ? 0 : 1;
}

async function simulateKilledJob() {
  const { startSimulator } = await import(
    pathToFileURL(inCache('tools', 'simulator', 'index.js')).href
  );
  const simulator = await startSimulator();
  simulator.addJob({ jobId: JOB_ID, status: KILLED, timelines: { restart: AFTER_RESTART } });
  return /** @type {{ url: string, projectId: string, close: () => Promise<void> }} */ (simulator);
}

/**
 * @param {string} address
 * @param {{ url: string, projectId: string }} simulator
 */
function startWorker(address, simulator) {
  const child = spawn(process.execPath, [inRoot('dist', 'worker.js')], {
    env: {
      ...withoutSettings(process.env),
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_TASK_QUEUE: TASK_QUEUE,
      MODELARTS_ENDPOINT: simulator.url,
      HW_PROJECT_ID: simulator.projectId,
      HW_ACCESS_KEY: 'DEMOACCESSKEY',
      HW_SECRET_KEY: 'demo-secret-key',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is for this script, which ends the worker before the server that it talks to.
    detached: true,
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (log = (log + text).slice(-8_192)));
  }
  const exited = new Promise((resolve) => child.once('close', resolve));
  let closing = false;
  /** @type {Promise<never>} */
  const died = exited.then((code) => {
    if (closing) return new Promise(() => {});
    throw new Obstacle(`The worker ended with exit code ${code}:\n${tail(log, 15)}`);
  });
  died.catch(() => {});
  const close = async () => {
    closing = true;
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(patience);
  };
  // Detached children outlive a crash of this script otherwise.
  process.once('exit', () => child.kill('SIGKILL'));
  return { pid: child.pid, died, close };
}

/**
 * What the user's shell has set for real work must not leak into the demo.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function withoutSettings(env) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(TEMPORAL_(?!CLI_PATH)|MODELARTS_|HW_|HUAWEICLOUD_SDK_)/.test(name),
    ),
  );
}

/**
 * Starts the restart and prints each change as it happens.
 *
 * @param {string} address
 * @param {string} projectId
 * @returns {Promise<Progress>}
 */
async function restart(address, projectId) {
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const workflowId = `restart:${projectId}:${JOB_ID}`;
  const handle = await client.workflow.start('restartVisualizationJob', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ jobId: JOB_ID, pollInterval: '1s', timeout: LIMIT, reason: 'demo' }],
  });
  print(`  ${workflowId}`);

  const show = progressPrinter();
  for (;;) {
    const progress = /** @type {Progress} */ (await handle.query('progress'));
    show(progress);
    if (progress.phase === 'done') {
      await connection.close();
      return progress;
    }
    await sleep(100);
  }
}

function progressPrinter() {
  let shown = 0;
  let accepted = false;
  let looked = false;
  /** @param {Progress} progress */
  return ({ startedAt, before, acceptedAt, transitions }) => {
    /** @param {string} at */
    const since = (at) => {
      const elapsed = Math.max(0, Date.parse(at) - Date.parse(startedAt)) / 1000;
      return dim(`+${elapsed.toFixed(1)}s`.padStart(8));
    };
    if (!looked && before !== undefined) {
      looked = true;
      print(`${since(startedAt)}  ${before.name}`);
    }
    if (!accepted && acceptedAt !== undefined) {
      accepted = true;
      print(`${since(acceptedAt)}  ${dim('ModelArts took the restart request')}`);
    }
    for (; shown < transitions.length; shown++) {
      const previous = transitions[shown - 1] ?? before;
      const current = /** @type {Status & { at: string }} */ (transitions[shown]);
      print(`${since(current.at)}  ${previous?.name ?? '?'} → ${current.name}`);
    }
  };
}

/** @param {Progress} progress */
function report({ outcome = 'none', error, serviceUrl, startedAt, endedAt }) {
  const mark = outcome === 'running' ? green('✓') : red('✗');
  const took =
    endedAt === undefined
      ? ''
      : ` after ${((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`;
  print(`\n${mark} ${bold(`outcome: ${outcome}`)}${took}`);
  if (serviceUrl !== undefined) print(`  ${serviceUrl}`);
  if (error !== undefined) print(`  ${error.code ?? ''} ${error.message}`);
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
