import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  CancelledFailure,
  Client,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/index.js';
import { createActivities } from '../../src/activities/index.js';
import type { RestartOutcome, RestartProgress } from '../../src/domain/outcome.js';
import type { RestartInput } from '../../src/domain/options.js';
import { restartId } from '../../src/domain/ids.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { defined } from '../../src/domain/defined.js';
import type { WorkerLimits } from '../../src/domain/worker-limits.js';
import { createModelArtsClient, type CredentialSettings } from '../../src/modelarts/client.js';
import type { RateLimit } from '../../src/modelarts/rate-limit.js';
import { RegisteredAttributes } from '../../src/registered-attributes.js';
import { LISTENING_CODEC, listeningLogger } from './listen.js';
import { loadHttpParser } from './load-http-parser.js';
import { connectToTestServer, testWorkflowBundle, uniqueTaskQueue } from './temporal.js';

/** How a workflow ended, as a value. */
export type End =
  | { status: 'completed'; outcome: RestartOutcome }
  | { status: 'failed'; type: string; message: string; stack: string; outcome?: RestartOutcome }
  | { status: 'canceled' | 'terminated' };

/** A worker in this process, with a simulator and a project of its own, on the shared Temporal server. */
export interface Stage {
  env: TestWorkflowEnvironment;
  client: Client;
  simulator: Simulator;
  projectId: string;
  taskQueue: string;
  /** Starts `restartVisualizationJob`, by default under the id of *the* restart of the job. */
  start(
    input: Partial<RestartInput> & { jobId: string },
    workflowId?: string,
  ): Promise<WorkflowHandle>;
  startWith(args: unknown[], workflowId?: string, type?: string): Promise<WorkflowHandle>;
  /** Starts it and waits for its end. */
  restart(input: Partial<RestartInput> & { jobId: string }, workflowId?: string): Promise<End>;
  /** Stops the worker, does something while none is there, and starts another. */
  replaceWorker(meanwhile: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  simulator?: SimulatorOptions;
  requestTimeoutMs?: number;
  /** ModelArts shows its list. Default: it refuses the list, so that each look is one of the detail endpoint. */
  list?: boolean;
  /** The worker's default project; `null` for none. */
  defaultProject?: null;
  /** Default: the workflows of `src/workflows/`. */
  workflowBundle?: WorkflowBundle;
  /** The gateway's limits that the worker is told beforehand. */
  rateLimits?: readonly RateLimit[];
  /** How the worker authenticates with this simulator. Default: by an access key. */
  credentials?: (simulator: Simulator) => CredentialSettings;
  /** How many waits stay on the worker. Default: all. */
  waitSlots?: number;
  /** How many that follow another restart stay on the worker. Default: all. */
  followSlots?: number;
  /** What the worker allows an input to ask for. Default: everything. */
  limits?: WorkerLimits;
  /** Awaited before the worker says what it knows. */
  beforeFacts?: () => Promise<void>;
}

/** What the tests' restarts are quick with, unless a test says otherwise. */
const QUICK = { pollInterval: '1s', settleTime: '2s', timeout: '60s' } as const;

/** Tests run side by side, and many who look at once would share a page of the list. */
const NO_LIST = {
  operation: 'list',
  kind: 'refuse',
  status: 403,
  code: 'ModelArts.0108',
  message: 'no list here',
  times: Infinity,
} as const;

let quiet = false;

/** Failures are what many of these tests want: neither Temporal nor its core need to tell of them. */
export function beQuiet(): void {
  if (quiet) return;
  quiet = true;
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({
    logger: listeningLogger(),
    telemetryOptions: { logging: { filter } },
    shutdownSignals: [],
  });
}

/** What a stage's worker signs with, unless a test says otherwise. */
const ACCESS_KEY = {
  kind: 'ak-sk',
  accessKey: 'TESTACCESSKEY',
  secretKey: 'SecretKeyCanaryOfTheTests',
} as const;

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  beQuiet();
  await loadHttpParser();
  const projectId = randomUUID().replaceAll('-', '');
  const env = await connectToTestServer();
  const simulator = await startSimulator({ ...options.simulator, projectId });
  if (options.list !== true) simulator.fault(NO_LIST);
  const taskQueue = uniqueTaskQueue();
  const { requestTimeoutMs = 1_500 } = options;
  const modelarts = createModelArtsClient({
    endpoint: simulator.url,
    credentials: options.credentials?.(simulator) ?? ACCESS_KEY,
    requestTimeoutMs,
    ...defined({ rateLimits: options.rateLimits }),
  });
  const connection = env.nativeConnection;
  const attributes = new RegisteredAttributes({ connection, namespace: 'default' });
  await attributes.asked;
  const startWorker = async () => {
    const feed = new StatusFeed(modelarts);
    const stopping = new AbortController();
    const activities = createActivities({
      modelarts,
      feed,
      // As the worker has it: a call that a cancelled activity leaves behind ends with the connection.
      temporal: new Client({ connection }),
      facts: () => ({
        ...(options.defaultProject !== null && { projectId }),
        searchAttributes: attributes.names(),
        requestTimeoutMs,
        ...options.limits,
      }),
      stopping: stopping.signal,
      waitSlots: options.waitSlots ?? 1_000,
      followSlots: options.followSlots ?? 500,
    });
    const { describeWorker } = activities;
    activities.describeWorker = async (input) => {
      await options.beforeFacts?.();
      return describeWorker(input);
    };
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle: options.workflowBundle ?? testWorkflowBundle(),
      activities,
      dataConverter: { payloadCodecs: [LISTENING_CODEC] },
    });
    const running = worker.run();
    await untilPolled(env, taskQueue);
    return async () => {
      stopping.abort();
      feed.close();
      worker.shutdown();
      await running;
    };
  };
  let stopWorker = await startWorker();

  const startWith: Stage['startWith'] = (
    args,
    workflowId = `test-${randomUUID()}`,
    type = 'restartVisualizationJob',
  ) => env.client.workflow.start(type, { taskQueue, workflowId, args });
  const start: Stage['start'] = (input, workflowId = restartId(projectId, input.jobId)) =>
    startWith([{ ...QUICK, ...input }], workflowId);

  return {
    env,
    client: env.client,
    simulator,
    projectId,
    taskQueue,
    start,
    startWith,
    restart: async (input, workflowId) => endOf(await start(input, workflowId)),
    replaceWorker: async (meanwhile) => {
      await stopWorker();
      await meanwhile();
      stopWorker = await startWorker();
    },
    close: async () => {
      await stopWorker();
      attributes.close();
      await Promise.all([modelarts.close(), simulator.close()]);
      await env.teardown();
    },
  };
}

/** Waits until Temporal knows of a worker that polls: until then, the client says that nobody listens. */
async function untilPolled({ client }: TestWorkflowEnvironment, name: string): Promise<void> {
  await eventually(async () => {
    const asked = { namespace: 'default', taskQueue: { name }, taskQueueType: 1 };
    const { pollers } = await client.workflowService.describeTaskQueue(asked);
    return pollers?.length || undefined;
  });
}

/** Waits for a workflow's end. */
export async function endOf(handle: WorkflowHandle): Promise<End> {
  try {
    return { status: 'completed', outcome: (await handle.result()) as RestartOutcome };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { status: 'canceled' };
    if (!(cause instanceof ApplicationFailure)) return { status: 'terminated' };
    const outcome = cause.details?.[0] as RestartOutcome | undefined;
    return {
      status: 'failed',
      type: cause.type ?? '',
      message: cause.message,
      stack: cause.failure?.stackTrace ?? '',
      ...(outcome && { outcome }),
    };
  }
}

/** The names of an outcome's transitions. */
export const path = (outcome: RestartOutcome | undefined): string[] =>
  (outcome?.transitions ?? []).map(({ name }) => name);

/** Polls the progress until it is as wanted. */
export async function progressWhen(
  handle: WorkflowHandle,
  isSo: (progress: RestartProgress) => boolean,
  withinMs?: number,
): Promise<RestartProgress> {
  return eventually(async () => {
    const progress = await handle.query<RestartProgress>('progress');
    return isSo(progress) ? progress : undefined;
  }, withinMs);
}

/** Tries until something is there, less and less often, for 45 seconds at the longest, by default. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  withinMs = 45_000,
): Promise<T> {
  let pauseMs = 20;
  for (const startedAt = Date.now(); ; pauseMs = Math.min(1.4 * pauseMs, 250)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() - startedAt > withinMs) {
      throw new Error(`it did not come to that in ${withinMs / 1_000} seconds`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
