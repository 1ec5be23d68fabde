import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from './activities/index.js';
import { readSettings, SettingsError, type Settings } from './config.js';
import { createLogger, temporalLogger } from './log.js';
import { createModelArtsClient, StatusFeed, type Trouble } from './modelarts/index.js';
import { modelartsRestartsHandler } from './nexus/handler.js';
import {
  connectToTemporal,
  registeredAttributes,
  TemporalUnreachable,
  type TemporalAccess,
} from './temporal.js';

/** A waiting restart is a promise that holds a slot and little else. */
const ACTIVITY_SLOTS = 5_000;

/** Each cached workflow costs about a quarter of a megabyte; a waiting one is rarely needed. */
const CACHED_WORKFLOWS = 50;

/** Temporal's native part writes lines of its own to standard output unless it is told to hand them over. */
const NATIVE_LOGGING = {
  forward: {},
  filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }),
} as const;

const EXIT = { settings: 2, unreachable: 3 } as const;

const logger = createLogger();
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (!stopping.signal.aborted) logger.info({ signal }, 'Stopping: handing over what waits');
    stopping.abort();
  });
}

try {
  await main(readSettings(process.env));
} catch (error) {
  if (error instanceof SettingsError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.settings;
  } else if (error instanceof TemporalUnreachable) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.unreachable;
  } else if (!stopping.signal.aborted) {
    throw error;
  }
}

async function main(settings: Settings): Promise<void> {
  // The signals are this file's: the waits are ended before the SDK begins to shut down.
  Runtime.install({
    logger: temporalLogger(logger),
    telemetryOptions: { logging: NATIVE_LOGGING },
    shutdownSignals: [],
  });
  const { connectTimeoutMs } = settings;
  const access = await connectToTemporal(process.env, connectTimeoutMs, logger, stopping.signal);
  try {
    await serve(settings, access);
  } finally {
    await access.connection.close();
  }
  logger.info('Stopped');
}

async function serve(settings: Settings, access: TemporalAccess): Promise<void> {
  const { connection, namespace, address } = access;
  const { taskQueue, endpoint, projectId, credentials, credentialsFrom, requestTimeoutMs } =
    settings;
  const modelarts = createModelArtsClient({
    endpoint,
    credentials,
    requestTimeoutMs,
    onTrouble: tellTrouble,
  });
  const feed = new StatusFeed(modelarts);
  const attributes = registeredAttributes(access);
  const facts = async () => ({
    ...(projectId !== undefined && { projectId }),
    searchAttributes: await attributes(),
    requestTimeoutMs,
  });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { codePath: fileURLToPath(new URL('workflow-bundle.cjs', import.meta.url)) },
    activities: createActivities({
      modelarts,
      feed,
      temporal: new Client({ connection, namespace }),
      facts,
      stopping: stopping.signal,
    }),
    nexusServices: [modelartsRestartsHandler],
    maxConcurrentActivityTaskExecutions: ACTIVITY_SLOTS,
    maxCachedWorkflows: CACHED_WORKFLOWS,
  });
  const stop = (): void => {
    // In one go: a wait that ends now must not come back to this worker.
    feed.close();
    worker.shutdown();
  };
  if (stopping.signal.aborted) return;
  stopping.signal.addEventListener('abort', stop);
  logger.info({ address, namespace, taskQueue, endpoint, projectId, credentialsFrom }, 'Listening');
  await worker.run();
  await modelarts.close();
}

/** Two lines for an outage of ModelArts, however many looks fail in it. */
function tellTrouble(trouble: Trouble): void {
  if (trouble.kind === 'failing') logger.warn(trouble, 'Looks at ModelArts fail; they go on');
  else logger.info(trouble, 'Looks at ModelArts work again');
}
