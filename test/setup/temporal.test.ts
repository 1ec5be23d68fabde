import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { connectToTestServer, testWorkflowBundle, uniqueTaskQueue } from './temporal.js';

test('test files find a server with the search attributes, and a bundle that a worker takes', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const environment = await connectToTestServer();
  try {
    const { customAttributes } = await environment.connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining([
        'ModelArtsJobId',
        'ModelArtsOutcome',
        'ModelArtsErrorCode',
        'ModelArtsBatch',
      ]),
    );

    const taskQueue = uniqueTaskQueue();
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue,
      workflowBundle: testWorkflowBundle(),
    });
    // Input that is refused needs no activity.
    const refused = worker.runUntil(
      environment.client.workflow.execute('restartVisualizationJob', {
        workflowId: taskQueue,
        taskQueue,
        args: [{}],
      }),
    );
    await expect(refused).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  } finally {
    await environment.teardown();
  }
});
