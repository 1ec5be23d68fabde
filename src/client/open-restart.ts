import { setTimeout as pause } from 'node:timers/promises';
import {
  WithStartWorkflowOperation,
  WorkflowClient,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import type { RestartAccepted } from '../domain/outcome.js';
import type { RestartInput } from '../domain/request.js';
import { restartId } from '../domain/restart-id.js';
import { DEFAULT_TASK_QUEUE } from '../names.js';
import type { RestartWorkflow } from '../workflows/messages.js';
import { acceptedBy } from './accepted.js';
import { NoWorkerError } from './errors.js';
import { jobOf } from './job-of.js';
import { calling, callingWithin } from './temporal-call.js';
import { whyNobodyListens } from './workers.js';

/** Where a restart is sent, and for how long one waits for somebody to take it up. */
export interface OpenOptions {
  /** The project of an input that names none. */
  projectId?: string;
  /** Default `modelarts-restarts`. */
  taskQueue?: string;
  /** A worker must take the restart up within so many milliseconds; default 20000. Where nobody listens it is known at once. */
  workerWithinMs?: number;
}

/** A restart that a worker has taken up. */
export interface OpenedRestart {
  /** `restart:<projectId>:<jobId>` */
  workflowId: string;
  runId: string;
  /** It was under way already, started by somebody else. */
  joined: boolean;
  /** Waits until ModelArts took the request; rejects with a `RestartError` where it did not. */
  accepted: () => Promise<RestartAccepted>;
}

/** Temporal keeps the tasks of a workflow for a worker that was killed for 10 seconds; then another gets them. */
const WORKER_WITHIN_MS = 20_000;

/** Most workers take a restart up in a fraction of this; only then is it asked whether one listens. */
const ASK_FOR_WORKERS_AFTER_MS = 1_500;

/** A restart that ends in the very moment of joining it: the next try starts a new one. */
const TRIES = 3;

/**
 * Starts *the* restart of a job, or joins the one under way, and waits until a worker has taken it up.
 *
 * @throws InvalidInputError before anything is sent; NoWorkerError; TemporalUnreachableError; TemporalRefusedError
 */
export async function openRestart(
  client: Client,
  input: RestartInput,
  options: OpenOptions = {},
): Promise<OpenedRestart> {
  const { projectId, jobId } = jobOf(input, options.projectId);
  const workflowId = restartId(projectId, jobId);
  const start = () => startOnce(client, { ...input, jobId, projectId }, workflowId, options);
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) || tries >= TRIES) throw error;
    }
  }
}

async function startOnce(
  client: Client,
  input: RestartInput,
  workflowId: string,
  { taskQueue = DEFAULT_TASK_QUEUE, workerWithinMs = WORKER_WITHIN_MS }: OpenOptions,
): Promise<OpenedRestart> {
  const workflows = new StartNotingClient({
    ...client.workflow.options,
    connection: client.connection,
  });
  const startWorkflowOperation = new WithStartWorkflowOperation<RestartWorkflow>(
    'restartVisualizationJob',
    {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `restart job ${input.jobId}`,
    },
  );
  const over = new AbortController();
  const taken = calling(client, () =>
    client.connection.withAbortSignal(over.signal, () =>
      workflows.startUpdateWithStart<RestartWorkflow, RestartAccepted, []>('accepted', {
        waitForStage: 'ACCEPTED',
        startWorkflowOperation,
      }),
    ),
  );
  // Once it is given up, nobody waits for its answer any more.
  taken.catch(() => undefined);
  try {
    const update = await Promise.race([
      taken,
      nobodyTakesIt(client, workflowId, taskQueue, workerWithinMs, over.signal),
    ]);
    const joined = workflows.started === false;
    return {
      workflowId,
      runId: update.workflowRunId ?? '',
      joined,
      accepted: () => acceptedBy(client, update, joined),
    };
  } finally {
    over.abort();
  }
}

/** Rejects as soon as it is known that no worker will take the restart up, at the latest after the limit. */
async function nobodyTakesIt(
  client: Client,
  workflowId: string,
  taskQueue: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<never> {
  const startedAt = Date.now();
  const leftMs = () => startedAt + limitMs - Date.now();
  for (;;) {
    await pause(Math.max(0, Math.min(ASK_FOR_WORKERS_AFTER_MS, leftMs())), undefined, { signal });
    // One that was under way already may be on another queue than the one that we would have used.
    const queue = await queueOf(client, workflowId);
    if (queue === undefined && leftMs() > 0) continue;
    const why = await whyNobodyListens(client, queue ?? taskQueue);
    if (why !== undefined) throw new NoWorkerError(queue ?? taskQueue, workflowId, why);
    if (leftMs() > 0) continue;
    const late = `a worker was seen on the task queue ${queue ?? taskQueue} in the last minute, but none took it within ${limitMs / 1_000}s`;
    throw new NoWorkerError(queue ?? taskQueue, workflowId, late);
  }
}

/** `undefined` where the restart is not there yet. */
async function queueOf(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    return (await callingWithin(client, 5_000, () => handle.describe())).taskQueue;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The SDK's handle does not tell whether it started the workflow or found it; the raw answer does. */
class StartNotingClient extends WorkflowClient {
  started: boolean | undefined;

  protected override _updateWithStartHandler(
    ...[stage, onStart, onStartError, input]: Parameters<WorkflowClient['_updateWithStartHandler']>
  ): ReturnType<WorkflowClient['_updateWithStartHandler']> {
    const noting: typeof onStart = (response) => {
      this.started = response.started ?? undefined;
      onStart(response);
    };
    return super._updateWithStartHandler(stage, noting, onStartError, input);
  }
}
