/** What the examples run against: a Temporal server, a simulated ModelArts, and the packed worker. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { tail } from '../command.mjs';
import { startDevServer } from '../dev-server.mjs';
import { inCache, inRoot } from '../project.mjs';
import { setUpTemporalCli } from '../set-up.mjs';
import { Obstacle } from '../terminal.mjs';
import { check, expectLine } from './checks.mjs';
import { TYPESCRIPT } from './install.mjs';

const GUARD = inRoot('scripts', 'guarded.mjs');

const START_LIMIT_MS = 30_000;

const [KILLED, STARTING, RUNNING] = [12, 7, 8];

/** @type {(() => Promise<void>)[]} ended in reverse order */
const started = [];

/** Sets it; `closeScene` ends what was started, also where this fails half-way. */
export async function setScene() {
  const cli = await setUpTemporalCli();
  const server = await startDevServer({ cli });
  started.push(() => server.close());
  const { startSimulator } = await import(
    pathToFileURL(inCache('tools', 'simulator', 'index.js')).href
  );
  const simulator = await startSimulator();
  started.push(() => simulator.close());
  const temporal = { ...withoutSettings(process.env), TEMPORAL_ADDRESS: server.address };
  const env = { ...temporal, HW_PROJECT_ID: simulator.projectId };

  /**
   * @param {string} what
   * @param {string} program
   * @param {string[]} args
   * @param {{ cwd: string, env?: Record<string, string> }} options
   */
  const startWorker = (what, program, args, { cwd, env: more = {} }) =>
    untilListening(
      what,
      spawn(process.execPath, [GUARD, '--gently', program, ...args], {
        cwd,
        env: { ...temporal, ...more },
        stdio: 'pipe',
      }),
    );

  await startWorker('the restarter', process.execPath, ['dist/worker.js'], {
    cwd: path.join(TYPESCRIPT, 'node_modules', 'modelarts-restarter'),
    env: {
      MODELARTS_ENDPOINT: simulator.url,
      HW_PROJECT_ID: simulator.projectId,
      HW_AUTH_TOKEN: 'a-token-of-the-examples',
    },
  });
  // The jobs of the documentation's commands: one takes its time, one stays on its way.
  const starting = [{ afterMs: 0, status: STARTING }];
  const restart = [...starting, { afterMs: 10_000, status: RUNNING }];
  simulator.addJob({ jobId: '10', status: KILLED, timelines: { restart } });
  simulator.addJob({ jobId: '11', status: KILLED, timelines: { restart: starting } });

  let jobs = 100;
  /**
   * @param {string} name
   * @param {(jobId: string) => { program: string, args: string[], cwd: string }} command
   */
  const checkReports = async (name, command) => {
    const down = String((jobs += 1));
    simulator.addJob({ jobId: down, status: KILLED });
    await check(`${name}: reports a restart`, async () => {
      await expectLine(command(down), temporal, `job ${down}: running, now RUNNING, by way of `);
      if (simulator.acceptedRestarts(down) !== 1) throw new Obstacle('there was no restart');
    });
    const up = String((jobs += 1));
    simulator.addJob({ jobId: up, status: RUNNING });
    const refusal = `job ${up}: refused (ModelArts.0105), was RUNNING, ModelArts says: `;
    await check(`${name}: reports a refusal`, () => expectLine(command(up), temporal, refusal));
  };
  return {
    cli,
    /** What programs are set to this scene by. */
    env,
    projectId: /** @type {string} */ (simulator.projectId),
    startWorker,
    checkReports,
  };
}

export async function closeScene() {
  for (const close of started.reverse()) await close();
}

/**
 * Waits until a worker says that it listens, and has it ended when all is over.
 *
 * @param {string} what
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
 */
async function untilListening(what, child) {
  let log = '';
  const exited = new Promise((resolve) => child.once('close', resolve));
  started.push(async () => {
    child.stdin.end();
    await exited;
  });
  /** @type {Promise<void>} */
  const listening = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        log = (log + text).slice(-8_192);
        if (/listening/i.test(log)) resolve();
      });
    }
  });
  child.on('error', (error) => (log += error.message));
  const tooLate = new Promise((resolve) => setTimeout(resolve, START_LIMIT_MS).unref());
  await Promise.race([
    listening,
    Promise.race([exited, tooLate]).then(() => {
      throw new Obstacle(`The worker of ${what} did not start:\n${tail(log, 15)}`);
    }),
  ]);
}

/**
 * What the user's shell has set for real work must not leak in.
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
