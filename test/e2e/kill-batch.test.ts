import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import type { BatchOutcome } from '../../src/domain/batch-outcome.js';
import { batchWhen, endOfBatch } from '../workflows/batches.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

let env: TestWorkflowEnvironment;
let simulator: Simulator;

beforeAll(async () => {
  execFileSync(process.execPath, [path.join(__dirname, '..', '..', 'scripts', 'build.mjs')]);
  env = await connectToTestServer();
  simulator = await startSimulator();
});
afterAll(async () => {
  endAllWorkers();
  await simulator.close();
  await env.teardown();
});

it('kill -9 of the worker in the middle of a batch: each job is restarted once, and all end', async () => {
  const jobIds = Array.from({ length: 12 }, (_, index) => String(8_001 + index));
  const steps = [
    { afterMs: 0, status: 7 },
    { afterMs: 1_500, status: 8 },
  ];
  for (const jobId of jobIds)
    simulator.addJob({ jobId, status: 12, timelines: { restart: steps } });
  const taskQueue = uniqueTaskQueue();
  const variables = {
    TEMPORAL_ADDRESS: env.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  };
  const worker = startWorkerProcess(variables);
  await worker.logged('Listening');
  const each = { pollInterval: '1s', settleTime: '5s', timeout: '5m' };
  const handle = await env.client.workflow.start('restartVisualizationJobs', {
    taskQueue,
    workflowId: `restarts-killed:${taskQueue}`,
    args: [{ jobIds, maxConcurrent: 4, ...each }],
  });
  await batchWhen(handle, ({ running, underWay }) => running >= 3 && underWay > 0, 60_000);
  expect(await worker.end('SIGKILL')).toBeNull();
  const accepted = (): number[] => jobIds.map((jobId) => simulator.acceptedRestarts(jobId));
  expect(accepted()).toContain(0);
  await startWorkerProcess(variables).logged('Listening');
  const end = await endOfBatch(handle);
  const { running, unknown, total } = (end as { outcome: BatchOutcome }).outcome;
  // A request that died with the worker before ModelArts had it can't be told from one that was lost.
  expect([running + unknown, total]).toEqual([12, 12]);
  expect(unknown).toBeLessThanOrEqual(4);
  expect(Math.max(...accepted())).toBe(1);
  expect(accepted().filter((count) => count === 1).length).toBe(running);
}, 240_000);
