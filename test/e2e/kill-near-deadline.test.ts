import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf, progressWhen, type End } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

const TIMEOUT_MS = 8_000;
const KILLED_BEFORE_DEADLINE_MS = 1_500;

/** The wait that died is given up one exchange (`MODELARTS_REQUEST_TIMEOUT`) and 10 s after the deadline. */
const GIVEN_UP_AFTER_DEADLINE_MS = 11_000;

const WAITING = 7;
const RUNNING = 8;

let env: TestWorkflowEnvironment;
let simulator: Simulator;

beforeAll(async () => {
  env = await connectToTestServer();
  simulator = await startSimulator();
});
afterAll(async () => {
  endAllWorkers();
  await simulator.close();
  await env.teardown();
});

/** How a restart ends whose worker is killed shortly before the deadline, when the job comes to `status`. */
async function endAfterKill(jobId: string, status: number): Promise<End> {
  const restart = [{ afterMs: 0, status: WAITING }];
  simulator.addJob({ jobId, status: 12, timelines: { restart } });
  const taskQueue = uniqueTaskQueue();
  const worker = () =>
    startWorkerProcess({
      TEMPORAL_ADDRESS: env.address,
      TEMPORAL_TASK_QUEUE: taskQueue,
      MODELARTS_ENDPOINT: simulator.url,
      MODELARTS_REQUEST_TIMEOUT: '1s',
      HW_PROJECT_ID: simulator.projectId,
      HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
    });
  const first = worker();
  await first.logged('Listening');
  const handle = await env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(simulator.projectId, jobId),
    args: [{ jobId, timeout: TIMEOUT_MS, pollInterval: '1s', settleTime: '2s' }],
  });
  const deadline = (await handle.describe()).startTime.getTime() + TIMEOUT_MS;
  await progressWhen(handle, ({ last }) => last?.code === WAITING);
  await new Promise((resolve) =>
    setTimeout(resolve, deadline - KILLED_BEFORE_DEADLINE_MS - Date.now()),
  );
  await first.end('SIGKILL');
  const killedAt = Date.now();
  expect(killedAt).toBeLessThan(deadline);
  simulator.setStatus(jobId, status);
  const second = worker();

  const end = await endOf(handle);
  // No worker looked at the deadline; the only look after the kill is the one more.
  const looks = simulator
    .requests({ jobId })
    .filter(({ operation, at }) => operation === 'detail' && at > killedAt);
  expect(looks).toHaveLength(1);
  expect(looks[0]!.at).toBeGreaterThan(deadline + GIVEN_UP_AFTER_DEADLINE_MS - 1_000);
  expect(simulator.requests({ jobId, operation: 'restart' })).toHaveLength(1);
  expect(await second.end('SIGTERM')).toBe(0);
  return end;
}

describe('kill -9 of the worker shortly before the deadline', () => {
  it.concurrent(
    'is followed by one more look: a job that was up at the deadline is `running`',
    async () => {
      expect(await endAfterKill('871', RUNNING)).toMatchObject({
        status: 'completed',
        outcome: { outcome: 'running', attached: false, last: { name: 'RUNNING' } },
      });
    },
  );

  it.concurrent('is followed by one more look: a job that was not up is `timed-out`', async () => {
    expect(await endAfterKill('872', WAITING)).toMatchObject({
      status: 'failed',
      type: 'RestartTimedOut',
      outcome: { outcome: 'timed-out', last: { name: 'WAITING' } },
    });
  });
});
