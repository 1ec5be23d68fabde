/**
 * A worker for the usual patterns, with which the project's own worker is compared. It has the same
 * slots and cache.
 */
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readSettings } from '../../src/config.js';
import { createModelArtsClient } from '../../src/modelarts/client.js';
import { usualActivities } from './activities.js';
import { createPlainClient } from './plain-client.js';
import { restartActivities } from './restart-activities.js';

Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
const { endpoint, credentials, requestTimeoutMs, taskQueue, workflowCacheSize } = readSettings(
  process.env,
);
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! }),
  taskQueue,
  workflowsPath: fileURLToPath(new URL('workflow.js', import.meta.url)),
  activities: {
    ...usualActivities(createModelArtsClient({ endpoint, credentials, requestTimeoutMs })),
    ...restartActivities(createPlainClient(process.env)),
  },
  maxConcurrentActivityTaskExecutions: 5_000,
  maxCachedWorkflows: workflowCacheSize,
});
console.log('Listening');
await worker.run();
