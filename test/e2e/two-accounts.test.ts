import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

/** An account with a project of its own, and a worker that has the account's key and a task queue of its own. */
interface Account {
  simulator: Simulator;
  taskQueue: string;
  worker: WorkerProcess;
}

let env: TestWorkflowEnvironment;
let north: Account;
let south: Account;

async function open(name: string): Promise<Account> {
  const projectId = name.padEnd(32, '0');
  const keys = { accessKey: `ACCESSKEYOF${name}`, secretKey: `secret-key-of-${name}` };
  const simulator = await startSimulator({ projectId, authenticate: keys });
  const taskQueue = uniqueTaskQueue(name);
  const worker = startWorkerProcess({
    TEMPORAL_ADDRESS: env.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: projectId,
    HW_ACCESS_KEY: keys.accessKey,
    HW_SECRET_KEY: keys.secretKey,
  });
  await worker.logged('Listening');
  return { simulator, taskQueue, worker };
}

beforeAll(async () => {
  env = await connectToTestServer();
  [north, south] = await Promise.all([open('north'), open('south')]);
});
afterAll(async () => {
  endAllWorkers();
  await Promise.all([north.simulator.close(), south.simulator.close()]);
  await env.teardown();
});

/** Restarts a job by the worker of an account; by default in the account's own project. */
const restart = async ({ taskQueue, simulator }: Account, jobId: string, projectId?: string) => {
  const workflowId = restartId(projectId ?? simulator.projectId, jobId);
  const args = [{ jobId, pollInterval: '1s' }];
  return endOf(
    await env.client.workflow.start('restartVisualizationJob', { taskQueue, workflowId, args }),
  );
};

const asked = ({ simulator }: Account, jobId: string): number =>
  simulator.requests({ jobId, operation: 'restart' }).length;

it('two workers on queues of their own restart jobs of the same id, each its own', async () => {
  for (const { simulator } of [north, south]) simulator.addJob({ jobId: '10', status: 12 });
  const ends = await Promise.all([restart(north, '10'), restart(south, '10')]);
  expect(ends).toMatchObject(
    [north, south].map(({ simulator: { projectId } }) => ({
      status: 'completed',
      outcome: { outcome: 'running', projectId, attached: false },
    })),
  );
  expect([asked(north, '10'), asked(south, '10')]).toEqual([1, 1]);
});

it('a job of the other account, sent to the wrong queue, is refused and left alone', async () => {
  south.simulator.addJob({ jobId: '11', status: 12 });
  const end = await restart(north, '11', south.simulator.projectId);
  expect(end).toMatchObject({ status: 'failed', outcome: { outcome: 'refused' } });
  expect(south.simulator.requests({ jobId: '11' })).toEqual([]);
});
