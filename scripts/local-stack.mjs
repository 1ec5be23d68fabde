/** The local stack of the demo, the playground and the benchmarks: a Temporal server, the simulator and a worker. */
import { pathToFileURL } from 'node:url';
import { build, buildTools } from './build.mjs';
import { startChild, tail } from './child.mjs';
import { startDevServer } from './dev-server.mjs';
import { inCache, inRoot, ROOT } from './project.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { Obstacle } from './terminal.mjs';

export const TASK_QUEUE = 'modelarts-restarts';

/**
 * Sets up and builds all parts of a local stack.
 *
 * @returns {Promise<string>} the path of the Temporal CLI
 */
export async function prepareStack() {
  await setUp();
  const cli = await setUpTemporalCli();
  await build();
  await buildTools();
  return cli;
}

/**
 * Starts all parts of a local stack.
 *
 * @param {import('./interruption.mjs').Started} started
 * @param {{ cli: string, ui?: boolean }} options
 */
export async function startLocalStack({ atEnd }, { cli, ui = false }) {
  const server = await startDevServer({ cli, ui });
  atEnd(server.close);
  /** @type {typeof import('../simulator/index.js')} */
  const { startSimulator } = await importTool('simulator');
  const simulator = await startSimulator();
  atEnd(() => simulator.close());
  const worker = startWorker({ address: server.address, simulator });
  atEnd(worker.close);
  await worker.says(/Listening/);
  /** @type {Promise<never>} */
  const broken = worker.ended.then((code) => {
    throw new Obstacle(`The worker ended with exit code ${code}:\n${tail(worker.output(), 15)}`);
  });
  broken.catch(() => {});
  const { address, uiUrl } = server;
  const { url, projectId } = simulator;
  return {
    address,
    uiUrl,
    url,
    projectId,
    simulator,
    /** Rejects when the worker ends. */
    broken,
    /** The environment for programs that use this stack. */
    env: { ...withoutSettings(process.env), TEMPORAL_ADDRESS: address, HW_PROJECT_ID: projectId },
  };
}

/**
 * Starts a worker, which is ready once it prints `Listening`.
 *
 * @param {{ address: string, simulator: { url: string, projectId: string } }} parts
 * @param {{ program?: string, cwd?: string, env?: Record<string, string>, gently?: boolean }} [options]
 */
export function startWorker({ address, simulator }, options = {}) {
  const { program = inRoot('dist', 'worker.js'), cwd = ROOT, env = {}, gently = true } = options;
  return startChild(process.execPath, [program], {
    cwd,
    gently,
    env: {
      ...withoutSettings(process.env),
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_TASK_QUEUE: TASK_QUEUE,
      MODELARTS_ENDPOINT: simulator.url,
      HW_PROJECT_ID: simulator.projectId,
      HW_ACCESS_KEY: 'DEMOACCESSKEY',
      HW_SECRET_KEY: 'demo-secret-key-CanaryOfTheTests',
      ...env,
    },
  });
}

/**
 * Removes the user's settings for real work, which must not leak into a local stack.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export const withoutSettings = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        !/^(TEMPORAL_(?!CLI_PATH)|MODELARTS_|HW_|HUAWEICLOUD_SDK_|WORKFLOW_CACHE_SIZE$)/.test(name),
    ),
  );

/**
 * Imports a tool that `buildTools` has compiled.
 *
 * @param {string} folder
 */
export const importTool = (folder) =>
  import(pathToFileURL(inCache('tools', folder, 'index.js')).href);
