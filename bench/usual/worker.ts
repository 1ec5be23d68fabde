/**
 * A worker for the pattern that the project's own is measured beside: set up in the same way, with
 * the same client, slots and cache.
 */
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readSettings } from '../../src/config.js';
import { createModelArtsClient } from '../../src/modelarts/client.js';
import { usualActivities } from './activities.js';

Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
const { endpoint, credentials, requestTimeoutMs, taskQueue } = readSettings(process.env);
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! }),
  taskQueue,
  workflowsPath: fileURLToPath(new URL('workflow.js', import.meta.url)),
  activities: usualActivities(createModelArtsClient({ endpoint, credentials, requestTimeoutMs })),
  maxConcurrentActivityTaskExecutions: 5_000,
  maxCachedWorkflows: 100,
});
console.log('Listening');
await worker.run();
