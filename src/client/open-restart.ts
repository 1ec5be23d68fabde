import { setTimeout as pause } from 'node:timers/promises';
import {
  QueryNotRegisteredError,
  WorkflowClient,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
  type WorkflowService,
} from '@temporalio/client';
import type { RestartAccepted } from '../domain/outcome.js';
import type { RestartInput } from '../domain/options.js';
import { restartId } from '../domain/ids.js';
import { DEFAULT_TASK_QUEUE, RESTART_WORKFLOW } from '../names.js';
import { acceptedBy } from './follow-restart.js';
import { NoWorkerError, TemporalRefusedError } from './errors.js';
import { jobOf } from './job-of-input.js';
import { askProgress } from './describe-restart.js';
import { calling, callingWithin } from './temporal-call.js';
import { whyNobodyListens } from './workers.js';

/** Where a restart is sent, and how long to wait for a worker to take it up. */
export interface OpenOptions {
  /** The project to use if the input names none. */
  projectId?: string;
  /** Default `modelarts-restarts`. */
  taskQueue?: string;
  /** How long a worker may take to take the restart up; default 20000. Fails sooner if none listens. */
  workerWithinMs?: number;
}

/** A restart that a worker has taken up. */
export interface OpenedRestart {
  /** `restart:<projectId>:<jobId>` */
  workflowId: string;
  runId: string;
  /** Whether somebody else had already started it. */
  joined: boolean;
  /**
   * Waits until ModelArts took the request. Rejects with a `RestartError` if it did not, or with the
   * signal's reason if the signal aborts.
   */
  accepted: (signal?: AbortSignal) => Promise<RestartAccepted>;
}

/** Longer than the 10 s for which Temporal reserves a workflow's tasks for a worker that was killed. */
const WORKER_WITHIN_MS = 20_000;

/** Most workers take a restart up much sooner. After this time, ask Temporal whether one listens. */
const ASK_FOR_WORKERS_AFTER_MS = 1_500;

/** How long to wait for a worker that is just starting. It listens about a second after its start. */
const JUST_STARTING_MS = 3_000;
const LOOK_AGAIN_AFTER_MS = 300;

/** The pause between two queries for whether a worker has taken the restart up. */
const ASK_AGAIN_AFTER_MS = 50;

/**
 * Starts *the* restart of a job, or joins the one under way, and waits until a worker has taken it up.
 * Nothing is started on a task queue that nobody serves.
 *
 * @throws InvalidInputError before anything is sent; NoWorkerError; TemporalUnreachableError; TemporalRefusedError
 */
export async function openRestart(
  client: Client,
  input: RestartInput,
  options: OpenOptions = {},
): Promise<OpenedRestart> {
  const { projectId, jobId } = jobOf(input, options.projectId);
  const opened = await openWorkflow(client, options, {
    type: RESTART_WORKFLOW,
    workflowId: restartId(projectId, jobId),
    input: { ...input, jobId, projectId },
    summary: `restart job ${jobId}`,
  });
  return { ...opened, accepted: (signal) => acceptedBy(client, opened, signal) };
}

/** A workflow to start, or to join where one is under way under its id. */
export interface Opening {
  type: string;
  workflowId: string;
  input: object;
  summary: string;
}

/** Starts or joins a workflow, and waits until a worker has taken it up; as `openRestart` does. */
export async function openWorkflow(
  client: Client,
  { taskQueue = DEFAULT_TASK_QUEUE, workerWithinMs = WORKER_WITHIN_MS }: OpenOptions,
  opening: Opening,
): Promise<Opened> {
  const { workflowId } = opening;
  await untilSomebodyListens(client, workflowId, taskQueue);
  const opened = await startOrJoin(client, opening, taskQueue);
  const over = new AbortController();
  try {
    await Promise.race([
      untilTaken(client, client.workflow.getHandle(workflowId, opened.runId), over.signal),
      nobodyTakesIt(client, opened, workerWithinMs, over.signal),
    ]);
  } finally {
    over.abort();
  }
  return opened;
}

type Opened = Omit<OpenedRestart, 'accepted'>;

/**
 * Fails if no worker listens, before anything is started. A restart that waits on a queue without
 * workers would keep everybody else from restarting the job.
 */
async function untilSomebodyListens(
  client: Client,
  workflowId: string,
  taskQueue: string,
): Promise<void> {
  for (const startedAt = Date.now(); ;) {
    const why = await whyNobodyListens(client, taskQueue);
    // A restart that is under way may be on another queue, which is served.
    if (why === undefined || (await queueOf(client, workflowId)) !== undefined) return;
    if (Date.now() - startedAt >= JUST_STARTING_MS) {
      throw new NoWorkerError(taskQueue, workflowId, why, false);
    }
    await pause(LOOK_AGAIN_AFTER_MS);
  }
}

async function startOrJoin(
  client: Client,
  { type, workflowId, input, summary }: Opening,
  taskQueue: string,
): Promise<Opened> {
  const { connection } = client;
  const workflows = new StartNotingClient({ ...client.workflow.options, connection });
  const { firstExecutionRunId } = await calling(client, () =>
    workflows.start(type, {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: summary,
    }),
  );
  return { workflowId, runId: firstExecutionRunId, joined: workflows.started === false };
}

/** Waits until a worker answers a query of the restart, which shows that it has taken it up. */
async function untilTaken(
  client: Client,
  handle: WorkflowHandle,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await askProgress(client, handle, undefined, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      // A worker that refuses the input answers no query, but has taken the restart up.
      if (error instanceof QueryNotRegisteredError) return;
      const isFinal = error instanceof WorkflowNotFoundError;
      if (isFinal || error instanceof TemporalRefusedError) throw error;
    }
    await pause(ASK_AGAIN_AFTER_MS, undefined, { signal });
  }
}

/**
 * Rejects as soon as it is known that no worker will take the restart up, at the latest after the
 * limit. Resolves if the restart has ended, for example because it was terminated.
 */
async function nobodyTakesIt(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = Date.now();
  const leftMs = () => startedAt + limitMs - Date.now();
  for (;;) {
    await pause(Math.max(0, Math.min(ASK_FOR_WORKERS_AFTER_MS, leftMs())), undefined, { signal });
    // A restart that was under way already may be on another queue than ours.
    const taskQueue = await queueOf(client, workflowId, runId);
    if (taskQueue === undefined) return;
    const why = await whyNobodyListens(client, taskQueue);
    if (why !== undefined) throw new NoWorkerError(taskQueue, workflowId, why);
    if (leftMs() > 0) continue;
    const late = `a worker was seen on the task queue ${taskQueue} in the last minute, but none took it within ${limitMs / 1_000}s`;
    throw new NoWorkerError(taskQueue, workflowId, late);
  }
}

/** The task queue of a restart; `undefined` if it is not under way. */
async function queueOf(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<string | undefined> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { status, taskQueue } = await callingWithin(client, 5_000, () => handle.describe());
    return status.name === 'RUNNING' ? taskQueue : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Notes whether `start` started the workflow or found it, which only the raw answer says. */
class StartNotingClient extends WorkflowClient {
  started: boolean | undefined;

  override get workflowService(): WorkflowService {
    const service = super.workflowService;
    const startWorkflowExecution = async (
      request: Parameters<WorkflowService['startWorkflowExecution']>[0],
    ) => {
      const response = await service.startWorkflowExecution(request);
      this.started = response.started;
      return response;
    };
    return Object.assign(Object.create(service) as WorkflowService, { startWorkflowExecution });
  }
}
