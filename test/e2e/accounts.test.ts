import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

let env: TestWorkflowEnvironment;
let simulator: Simulator;
beforeAll(async () => {
  [env, simulator] = await Promise.all([connectToTestServer(), startSimulator()]);
});
afterAll(async () => {
  endAllWorkers();
  await simulator.close();
  await env.teardown();
});

it('a worker for each account uses its own credentials, for whatever project the input names', async () => {
  const accounts = ['one', 'two'].map((name) => ({
    token: `${name}-CanaryOfTheTests`,
    taskQueue: uniqueTaskQueue(),
    projects: ['a', 'b'].map((letter) => `${name}${letter}`.padEnd(32, '0')),
  }));
  const workers = accounts.map(({ token, taskQueue }) =>
    startWorkerProcess({
      TEMPORAL_ADDRESS: env.address,
      TEMPORAL_TASK_QUEUE: taskQueue,
      MODELARTS_ENDPOINT: simulator.url,
      HW_AUTH_TOKEN: token,
    }),
  );
  await Promise.all(workers.map((worker) => worker.logged('Listening')));
  const restarts = accounts.flatMap(({ taskQueue, projects }, account) =>
    projects.map(async (projectId, index) => {
      const jobId = `${account + 1}${index}`;
      simulator.addJob({ jobId, projectId, status: 12 });
      const args = [{ jobId, projectId, pollInterval: '1s' }];
      const workflowId = restartId(projectId, jobId);
      return endOf(
        await env.client.workflow.start('restartVisualizationJob', { taskQueue, workflowId, args }),
      );
    }),
  );
  for (const end of await Promise.all(restarts)) {
    expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'running' } });
  }
  const seen = simulator.requests().map(({ headers, path }) => {
    const [project] = /\w{32}/.exec(path) ?? [];
    return `${headers['x-auth-token']} ${project}`;
  });
  const expected = accounts.flatMap(({ token, projects }) =>
    projects.map((of) => `${token} ${of}`),
  );
  expect([...new Set(seen)].toSorted()).toEqual(expected.toSorted());
});
