import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { listenTo } from '../setup/listen.js';
import { eventually } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { readMetrics, type Metrics } from './metrics-text.js';
import { startTemporalProxy, type TemporalProxy } from './temporal-proxy.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

type Door = 'livez' | 'readyz';

/** The body of the health doors. */
interface Report {
  state: string;
  buildId?: string;
  lastPoll?: string;
  waits: number;
  credentials?: { from: string; end?: string; usable: boolean };
  modelarts?: { ok?: boolean; lastError?: { message: string } };
}

/** A worker process that serves metrics and health, with a simulator, behind a proxy to Temporal. */
export interface ObservedWorker {
  env: TestWorkflowEnvironment;
  simulator: Simulator;
  proxy: TemporalProxy;
  worker: WorkerProcess;
  taskQueue: string;
  /** What sets another worker to the same scene. */
  variables: Record<string, string>;
  healthAt: string;
  scrape(): Promise<Metrics>;
  health(door: Door): Promise<{ status: number; report: Report }>;
  /** Waits for a status. */
  until(door: Door, status: number): Promise<Report>;
  /** Starts *the* restart of a job. */
  start(jobId: string, input?: object): Promise<WorkflowHandle>;
  close(): Promise<void>;
}

export const SECRET = 'secret-token-CanaryOfTheTests';

/** Options of Node that let time pass on a worker's clock: see shift-clock.mjs. */
export const SHIFT_CLOCK = `--import=${pathToFileURL(path.join(__dirname, 'shift-clock.mjs')).href}`;

/** The long polls, and the call by which the worker asks who polls. */
export const POLLS = [
  'PollWorkflowTaskQueue',
  'PollActivityTaskQueue',
  'PollNexusTaskQueue',
  'DescribeTaskQueue',
];

export async function startObservedWorker(
  settings: (simulator: Simulator) => Record<string, string> = () => ({}),
  options: SimulatorOptions = {},
): Promise<ObservedWorker> {
  const [env, simulator] = await Promise.all([connectToTestServer(), startSimulator(options)]);
  const proxy = await startTemporalProxy(env.address);
  const taskQueue = uniqueTaskQueue();
  const variables = {
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: SECRET,
  };
  const worker = startWorkerProcess({
    ...variables,
    NODE_OPTIONS: SHIFT_CLOCK,
    METRICS_ADDRESS: 'localhost:0',
    HEALTH_ADDRESS: '127.0.0.1:0',
    ...settings(simulator),
  });
  const metricsAt = String((await worker.logged('Serving /metrics'))['address']);
  const healthAt = String((await worker.logged('Serving /livez and /readyz'))['address']);
  await worker.logged('Listening');

  const health: ObservedWorker['health'] = async (door) => {
    const answer = await fetch(`http://${healthAt}/${door}`);
    const report = JSON.parse(listenTo(door, await answer.text())) as Report;
    return { status: answer.status, report };
  };
  return {
    env,
    simulator,
    proxy,
    worker,
    taskQueue,
    variables,
    healthAt,
    scrape: async () => {
      const answer = await fetch(`http://${metricsAt}/metrics`);
      return readMetrics(listenTo('/metrics', await answer.text()));
    },
    health,
    until: (door, status) =>
      eventually(async () => {
        const answer = await health(door);
        return answer.status === status ? answer.report : undefined;
      }),
    start: (jobId, input = {}) =>
      env.client.workflow.start('restartVisualizationJob', {
        taskQueue,
        workflowId: restartId(simulator.projectId, jobId),
        args: [{ jobId, pollInterval: '1s', settleTime: '2s', timeout: '60s', ...input }],
      }),
    close: async () => {
      endAllWorkers();
      await Promise.all([proxy.close(), simulator.close()]);
      await env.teardown();
    },
  };
}
