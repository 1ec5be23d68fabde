import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf, eventually } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { startTemporalProxy } from './temporal-proxy.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

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

/** Registers a namespace and waits until the server serves it. */
async function freshNamespace(): Promise<Client> {
  const namespace = `bare-${randomUUID()}`;
  await env.connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const client = new Client({ connection: env.connection, namespace });
  await eventually(() =>
    client.workflow.count().then(
      () => true,
      () => undefined,
    ),
  );
  return client;
}

it('a namespace that has them not registered gets none, and restarts all the same', async () => {
  const client = await freshNamespace();
  const { customAttributes } = await env.connection.operatorService.listSearchAttributes({
    namespace: client.options.namespace,
  });
  expect(Object.keys(customAttributes ?? {})).not.toContain('ModelArtsJobId');

  const taskQueue = uniqueTaskQueue();
  const worker = startWorkerProcess({
    TEMPORAL_ADDRESS: env.address,
    TEMPORAL_NAMESPACE: client.options.namespace,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  });
  await worker.logged('Listening');
  simulator.addJob({ jobId: '861', status: 12 });
  const handle = await client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(simulator.projectId, '861'),
    args: [{ jobId: '861', pollInterval: '1s' }],
  });
  expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  const { events } = await handle.fetchHistory();
  const written = events!.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes);
  expect(written).toEqual([]);
  // Without them: exactly the events that the path needs.
  expect(events).toHaveLength(29);
  expect(await worker.end('SIGTERM')).toBe(0);
});

it('a Temporal that does not say which are registered holds up no restart', async () => {
  const proxy = await startTemporalProxy(env.address);
  proxy.interfere('ListSearchAttributes', 'silence');
  const taskQueue = uniqueTaskQueue();
  const worker = startWorkerProcess({
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  });
  await worker.logged('Listening');
  const start = (jobId: string) => {
    simulator.addJob({ jobId, status: 12, timelines: { restart: [{ afterMs: 0, status: 8 }] } });
    return env.client.workflow.start('restartVisualizationJob', {
      taskQueue,
      workflowId: restartId(simulator.projectId, jobId),
      args: [{ jobId, pollInterval: '1s' }],
    });
  };
  const startedAt = Date.now();
  const handles = await Promise.all(['862', '863', '864'].map(start));
  for (const handle of handles) expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  expect(proxy.calls('ListSearchAttributes')).toBe(1);
  expect(await worker.end('SIGTERM')).toBe(0);
  await proxy.close();
});
