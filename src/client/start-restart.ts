import { setTimeout as pause } from 'node:timers/promises';
import {
  type Client,
  QueryNotRegisteredError,
  WorkflowClient,
  type WorkflowHandle,
  WorkflowNotFoundError,
  type WorkflowService,
} from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { type JobRef, restartId } from '../domain/ids.js';
import { OPTIONS, type RestartInput } from '../domain/options.js';
import type { RestartAccepted } from '../domain/outcome.js';
import { parseRestartInput } from '../domain/parse-options.js';
import { DEFAULT_TASK_QUEUE, RESTART_WORKFLOW } from '../names.js';
import { askProgress } from './describe-restart.js';
import { InvalidInputError, NotAcceptedYetError, TemporalRefusedError } from './errors.js';
import { acceptedBy } from './follow-restart.js';
import { calling } from './temporal-call.js';
import { nobodyTakesIt, untilSomebodyListens } from './workers.js';

export interface StartOptions extends OpenOptions {
  /** How long to wait for ModelArts to take the request, in milliseconds; default 60000. */
  acceptedWithinMs?: number;
}

/** A restart whose request ModelArts took, or which waits for a job without a request. */
export interface StartedRestart extends RestartAccepted {
  /** `restart:<projectId>:<jobId>` */
  workflowId: string;
  runId: string;
  /** Whether somebody else had already started it. */
  joined: boolean;
}

/** Several times the longest exchange of a worker with the default settings. */
const ACCEPTED_WITHIN_MS = 60_000;

/**
 * Restarts a visualization job: starts *the* restart of the job, or joins the one under way. Returns
 * once ModelArts took the request. To learn how it ends, pass the result to `followRestart`.
 *
 * @param input as `restartVisualizationJob` takes it; it or the options must name the project. Without
 * `requestedBy`, the client's identity is recorded
 * @throws RestartError with the restart's own failure if ModelArts refuses; NotAcceptedYetError if
 * ModelArts does not answer in time (the restart goes on); and what `openRestart` throws
 */
export async function startRestart(
  client: Client,
  input: RestartInput,
  options: StartOptions = {},
): Promise<StartedRestart> {
  const { acceptedWithinMs = ACCEPTED_WITHIN_MS, ...open } = options;
  const { workflowId, runId, joined, accepted } = await openRestart(client, input, open);
  const over = new AbortController();
  try {
    const answer = await Promise.race([
      accepted(over.signal),
      pause(acceptedWithinMs, undefined, { signal: over.signal }).then(() => {
        throw new NotAcceptedYetError(workflowId, acceptedWithinMs);
      }),
    ]);
    return { workflowId, runId, joined, ...answer };
  } finally {
    over.abort();
  }
}

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
    input: { requestedBy: whoStarts(client), ...defined(input), jobId, projectId },
    summary: `restart job ${jobId}`,
  });
  return { ...opened, accepted: (signal) => acceptedBy(client, opened, signal) };
}

/** The Temporal identity of whoever uses this client, for an input that does not say who asks. */
export function whoStarts({ options }: Client): string {
  return [...options.identity].slice(0, OPTIONS.requestedBy.longest).join('');
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

/** Reads the job that an input is for. Throws one error with every problem of the whole input. */
export function jobOf(input: RestartInput, defaultProjectId?: string): JobRef {
  const given = { ...input, projectId: input.projectId ?? defaultProjectId };
  const request = parseRestartInput(given);
  if (!request.ok) throw new InvalidInputError(request.problems);
  const { projectId, jobId } = request.value;
  if (projectId !== undefined) return { projectId, jobId };
  throw new InvalidInputError(['projectId is missing: give it in the input or as an option']);
}
