import { randomUUID } from 'node:crypto';
import { restartId } from '../../src/domain/ids.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { freePort } from './free-port.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

beforeAll(() => {});
afterAll(endAllWorkers);

it('logs that ModelArts is away at a first look, with its host', async () => {
  const env = await connectToTestServer();
  const host = `127.0.0.1:${await freePort()}`;
  const taskQueue = uniqueTaskQueue();
  const projectId = randomUUID().replaceAll('-', '');
  const worker = startWorkerProcess({
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS']!,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: `http://${host}`,
    HW_PROJECT_ID: projectId,
    HW_ACCESS_KEY: 'ACCESSKEYOFTHETEST',
    HW_SECRET_KEY: 'secret-key-CanaryOfTheTests',
  });
  const handle = await env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(projectId, '10'),
    args: [{ jobId: '10' }],
  });
  expect(await worker.logged('Looks at ModelArts fail; they go on')).toMatchObject({
    level: 'warn',
    host,
    projectId,
  });
  await handle.terminate();
  expect(await worker.end('SIGTERM')).toBe(0);
  await env.teardown();
});
