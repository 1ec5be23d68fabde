import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createActivities } from './activities/index.js';
import {
  AccessRefused,
  answerBy,
  ConnectTimedOut,
  connectToTemporal,
  NoAnswer,
  refusalOf,
  type TemporalAccess,
  whyInWords,
} from './temporal.js';
import { readSettings, type Settings } from './config.js';
import { defined } from './domain/defined.js';
import { loadTemporalProfile, SettingsError } from './environment.js';
import { EXIT, type ExitCode } from './exit.js';
import { StatusFeed } from './feed/status-feed.js';
import { createLogger, modelartsLog } from './log.js';
import { createModelArtsClient } from './modelarts/client.js';
import { keepCredentials } from './keep-credentials.js';
import { modelartsRestartsHandler } from './nexus/handler.js';
import { RegisteredAttributes } from './registered-attributes.js';
import { Observers } from './observe/observers.js';
import { runToEnd, WorkerFailed } from './run-to-end.js';
import { versioningOptions } from './versioning.js';

/** Slots beside those of the waits, for looks, requests and whatever follows another workflow. */
const OTHER_SLOTS = 2_000;

/**
 * How many of these slots activities may keep that follow another workflow. Each has a long poll, and Temporal
 * (1.32, `frontend.namespaceCount`) has 1,200 of a kind at a time for all workers of a namespace and its clients.
 */
const FOLLOW_SLOTS = 500;

/**
 * How much the heap may grow over what is in use before V8 collects garbage. By itself, V8 lets a heap
 * grow to a multiple on a machine with much memory, which a burst of starts does. See docs/measurements.md.
 */
const HEAP_GROWING_PERCENT = 20;

/**
 * The largest semi-space of V8's new generation in the workflow thread, for a burst of starts. V8's default is
 * 16 MB. The main thread's is fixed when Node starts: see Memory in docs/operations.md.
 */
const NEW_SPACE_MB = 4;

/** How long to wait for the names of the search attributes. Only a slow or throttled Temporal needs longer. */
const FIRST_ANSWER_MS = 2_000;

const logger = createLogger();

/**
 * Runs a worker until the signal aborts or an error ends it. Writes the error to standard error.
 *
 * @returns the exit code
 */
export async function runWorker(
  environment: NodeJS.ProcessEnv,
  stopping: AbortSignal,
): Promise<number> {
  const tellStop = (): void => {
    const signal: unknown = stopping.reason;
    logger.info({ signal }, 'Stopping: handing over what waits');
  };
  if (stopping.aborted) tellStop();
  stopping.addEventListener('abort', tellStop);
  try {
    await main(settingsOf(environment), environment, stopping);
  } catch (error) {
    if (!stopping.aborted) {
      const { code, message } = explain(error);
      process.stderr.write(`${message}\n`);
      return code;
    }
    // If the signal aborts during the start, the start rejects with the signal's reason. That is no failure.
    if (error !== stopping.reason) logger.warn({ error: whyInWords(error) }, 'Stopping has failed');
  }
  logger.info('Stopped');
  return EXIT.done;
}

/** Reads the settings, those for Temporal too, so that all problems are told together. */
function settingsOf(environment: NodeJS.ProcessEnv): Settings {
  const problems: string[] = [];
  const read = <T>(reading: () => T): T | undefined => {
    try {
      return reading();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const settings = read(() => readSettings(environment));
  read(() => loadTemporalProfile(environment, (problem) => new SettingsError([problem])));
  if (settings === undefined || problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function explain(error: unknown): { code: ExitCode; message: string } {
  const { message } = error as Error;
  if (error instanceof SettingsError || error instanceof AccessRefused) {
    return { code: EXIT.usage, message };
  }
  if (error instanceof ConnectTimedOut) return { code: EXIT.unreachable, message };
  if (error instanceof WorkerFailed) return { code: EXIT.failed, message };
  return { code: EXIT.failed, message: `The worker could not start: ${whyInWords(error)}.` };
}

async function main(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  stopping: AbortSignal,
): Promise<void> {
  logger.level = settings.logLevel;
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  setFlagsFromString(`--max-semi-space-size=${NEW_SPACE_MB}`);
  stopping.throwIfAborted();
  const { connectTimeoutMs } = settings;
  const observers = await Observers.open(settings, logger, stopping);
  try {
    const access = await connectToTemporal(environment, connectTimeoutMs, logger, stopping);
    const attributes = new RegisteredAttributes(access);
    try {
      await serve(settings, access, { attributes, observers }, stopping);
    } finally {
      attributes.close();
    }
  } finally {
    observers.close();
  }
}

async function serve(
  settings: Settings,
  access: TemporalAccess,
  { attributes, observers }: { attributes: RegisteredAttributes; observers: Observers },
  stopping: AbortSignal,
): Promise<void> {
  const { connection, namespace, address } = access;
  const { taskQueue, endpoint, projectId, credentialsFrom, requestTimeoutMs, waitSlots, version } =
    settings;
  const { allowedProjects, allowStop } = settings;
  const modelarts = createModelArtsClient({
    ...settings,
    ...modelartsLog(logger),
    onAnswer: (answered) => observers.answered(answered),
  });
  const { credentialsIgnored: ignored } = settings;
  if (ignored.length > 0) {
    const sentence = 'Several ways to authenticate are set; the first is used';
    logger.warn({ credentialsFrom, ignored }, sentence);
  }
  keepCredentials(modelarts.credentials, stopping);
  const feed = new StatusFeed(modelarts);
  const facts = () => ({
    ...defined({ projectId, allowedProjects }),
    allowStop,
    searchAttributes: attributes.names(),
    requestTimeoutMs,
  });
  const creating = Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { codePath: fileURLToPath(new URL('workflow-bundle.cjs', import.meta.url)) },
    activities: createActivities({
      modelarts,
      feed,
      temporal: new Client({ connection, namespace }),
      facts,
      stopping,
      waitSlots,
      followSlots: FOLLOW_SLOTS,
    }),
    nexusServices: [modelartsRestartsHandler],
    maxConcurrentActivityTaskExecutions: waitSlots + OTHER_SLOTS,
    maxCachedWorkflows: settings.workflowCacheSize,
    ...versioningOptions(version),
  });
  const worker = await created(creating, settings, access, stopping);
  // Don't wait longer, because a restart without search attributes is better than none.
  await Promise.race([attributes.asked, pause(FIRST_ANSWER_MS)]);
  stopping.throwIfAborted();
  const stop = (): void => {
    // Both without a pause between them, so that this worker does not get back a wait that it handed over.
    feed.close();
    // A worker that has failed can't be told to stop.
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  stopping.addEventListener('abort', stop);
  observers.watch({ worker, access, feed, modelarts });
  const listening = { address, namespace, taskQueue, endpoint, projectId, credentialsFrom };
  logger.info({ ...listening, ...version }, 'Listening');
  await runToEnd(worker, access);
  await modelarts.close();
}

/** Waits for `Worker.create`, which calls Temporal without a deadline of its own. */
async function created(
  creating: Promise<Worker>,
  { connectTimeoutMs }: Settings,
  access: TemporalAccess,
  stopping: AbortSignal,
): Promise<Worker> {
  try {
    return await answerBy(Date.now() + connectTimeoutMs, creating, stopping);
  } catch (error) {
    const refusal = refusalOf(error, access);
    if (refusal !== undefined) throw refusal;
    const isAway = error instanceof NoAnswer || (error as Error).name === 'TransportError';
    if (!isAway) throw error;
    throw new ConnectTimedOut(access.address, connectTimeoutMs, whyInWords(error));
  }
}
