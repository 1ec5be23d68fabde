import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import type { RestartInput } from '../../src/domain/options.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf, type End } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

/* The clock of the worker's machine is 10 minutes slow. ModelArts’ gateway bears 15, so it takes the signatures. */

let env: TestWorkflowEnvironment;
let simulator: Simulator;
const taskQueue = uniqueTaskQueue();

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(__dirname, '..', '..', 'scripts', 'build.mjs')]);
  env = await connectToTestServer();
  simulator = await startSimulator();
  const worker = startWorkerProcess({
    TEMPORAL_ADDRESS: env.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_ACCESS_KEY: 'ACCESSKEYOFTHETEST',
    HW_SECRET_KEY: 'secret-key-CanaryOfTheTests',
    NODE_OPTIONS: `--import=${pathToFileURL(path.join(__dirname, 'slow-clock.mjs')).href}`,
  });
  await worker.logged('Listening');
  worker.process.kill('SIGUSR2');
  await worker.logged('The clock is slow');
});
afterAll(async () => {
  endAllWorkers();
  await simulator.close();
  await env.teardown();
});

async function restart(
  input: RestartInput & { jobId: string },
): Promise<{ end: End; tookMs: number; events: number }> {
  const { client } = env;
  const handle = await client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(simulator.projectId, input.jobId),
    args: [{ pollInterval: '1s', settleTime: '3s', ...input }],
  });
  const end = await endOf(handle);
  const { startTime, closeTime, historyLength } = await handle.describe();
  return { end, tookMs: closeTime!.getTime() - startTime.getTime(), events: historyLength };
}

it.concurrent('restarts a job, and notes the times by Temporal’s clock', async () => {
  const steps = [
    { afterMs: 0, status: 7 },
    { afterMs: 1_500, status: 8 },
  ];
  simulator.addJob({ jobId: '10', status: 12, timelines: { restart: steps } });
  const beganAt = Date.now();
  const { end } = await restart({ jobId: '10' });
  expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'running' } });
  const { transitions = [] } = (end as { outcome: { transitions?: { at: string }[] } }).outcome;
  expect(transitions.length).toBeGreaterThan(1);
  for (const { at } of transitions) {
    expect(Math.abs(Date.parse(at) - beganAt)).toBeLessThan(60_000);
  }
});

it.concurrent('ends at the deadline with a last look', async () => {
  simulator.addJob({
    jobId: '11',
    status: 12,
    timelines: { restart: [{ afterMs: 0, status: 7 }] },
  });
  const { end, tookMs, events } = await restart({ jobId: '11', timeout: '6s' });
  expect(end).toMatchObject({ status: 'failed', outcome: { outcome: 'timed-out' } });
  expect(tookMs).toBeGreaterThanOrEqual(6_000);
  expect(tookMs).toBeLessThan(20_000);
  expect(events).toBeLessThan(60);
});

it.concurrent('tells after `settleTime` that a restart had no effect', async () => {
  simulator.addJob({ jobId: '12', status: 12, timelines: { restart: [] } });
  const { end, tookMs } = await restart({ jobId: '12' });
  expect(end).toMatchObject({ outcome: { outcome: 'no-effect' } });
  expect(tookMs).toBeLessThan(20_000);
});
