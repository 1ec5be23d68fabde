/** The parts that the demo and the playground run on this machine, beside the Temporal server. */
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { tail } from './command.mjs';
import { inCache, inRoot } from './project.mjs';
import { Obstacle } from './terminal.mjs';

const GUARD = inRoot('scripts', 'guarded.mjs');
const WORKER = inRoot('dist', 'worker.js');

export const TASK_QUEUE = 'modelarts-restarts';

/**
 * @typedef {object} Simulator
 * @property {string} url
 * @property {string} projectId
 * @property {(job: { jobId: string, status: number, name?: string, timelines?: object }) => void} addJob
 * @property {(fault: { jobId: string, operation: string, kind: string, times?: number }) => unknown} fault
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<Simulator>} */
export async function startTheSimulator() {
  const { startSimulator } = await import(
    pathToFileURL(inCache('tools', 'simulator', 'index.js')).href
  );
  return startSimulator();
}

/**
 * @param {string} address
 * @param {{ url: string, projectId: string }} simulator
 */
export function startWorker(address, simulator) {
  const child = spawn(process.execPath, [GUARD, '--gently', process.execPath, WORKER], {
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
    // The worker ends when its standard input does: with this script at the latest.
    stdio: ['pipe', 'pipe', 'pipe'],
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
    child.stdin.end();
    await exited;
  };
  return { died, close };
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
