/**
 * `npm run demo`: one restart from KILLED to RUNNING, on a real Temporal server, against the
 * simulator. Everything is started on free ports and ended afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { build, buildTools } from './build.mjs';
import { startDevServer } from './dev-server.mjs';
import { onInterruption } from './interruption.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { startTheSimulator, startWorker, TASK_QUEUE } from './local-parts.mjs';
import { bold, dim, green, red, runScript, yellow } from './terminal.mjs';

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
onInterruption(() => interrupted.abort());

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

  const simulator = await startTheSimulator();
  simulator.addJob({ jobId: JOB_ID, status: KILLED, timelines: { restart: AFTER_RESTART } });
  started.push(() => simulator.close());
  print(`  ModelArts          ${simulator.url} ${dim('(simulated)')}`);

  const worker = startWorker(server.address, simulator);
  started.push(() => worker.close());
  print(`  worker             on task queue ${TASK_QUEUE}\n`);

  const outcome = await Promise.race([
    restart(server.address, simulator.projectId),
    worker.died,
    interruption(),
  ]);
  report(outcome);
  return outcome.outcome === 'running' ? 0 : 1;
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
