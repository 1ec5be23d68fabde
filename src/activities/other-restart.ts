import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import {
  type Client,
  isGrpcServiceError,
  QueryNotRegisteredError,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { readFailure } from '../domain/failures.js';
import { isNexusRestart, RESTART_JOINED } from '../domain/ids.js';
import { orAborted } from '../domain/or-aborted.js';
import { monotonicNow } from '../modelarts/clock.js';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import type { FollowedEnd, FollowInput, UpdateAnswer, UpdateInput } from './activities.js';
import { heartbeatWhile, lookLater, STAY_BEAT_MS, workerStopping } from './heartbeat.js';

/** The failure type that Temporal gives to an update whose workflow was terminated or timed out. */
const ENDED_WITHOUT_ANSWER = 'AcceptedUpdateCompletedWorkflow';

/** gRPC's status code. */
const NOT_FOUND = 5;

/** Temporal's `HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT`. */
const CLOSE_EVENT = 2;

/** How long until an attempt for which the worker has no room asks again. */
const FOLLOW_AGAIN_MS = 10_000;

/** How long such an attempt waits for the answer to an update. */
const SHORT_WAIT_MS = 1_000;

/** How long one call to Temporal waits for the answer to an update, before it is made again. */
const TURN_MS = 120_000;

/** Heartbeat details for the next attempt, so that it follows or asks the same run, not a later restart of the job. */
interface FollowMemory {
  runId: string;
  /** Whoever has started the restart has been told. */
  isTold?: boolean;
}

/**
 * Waits until the restart has ended. Throws transient errors of Temporal's server, so that Temporal retries.
 *
 * @param stays whether this attempt may wait. If not, it ends with what is the case now.
 */
export async function followRestart(
  client: Client,
  stopping: AbortSignal,
  { workflowId, runId }: FollowInput,
  stays: boolean,
): Promise<FollowedEnd> {
  const before = Context.current().info.heartbeatDetails as FollowMemory | undefined;
  const known = runId ?? before?.runId;
  let handle = client.workflow.getHandle(workflowId, known);
  try {
    const description = await handle.describe();
    const memory: FollowMemory = { ...before, runId: description.runId };
    Context.current().heartbeat(memory);
    handle = client.workflow.getHandle(workflowId, memory.runId);
    if (runId === undefined && memory.isTold !== true) {
      await tellStarter(client, description);
      memory.isTold = true;
      Context.current().heartbeat(memory);
    }
    if (!stays && description.status.name === 'RUNNING') throw lookLater(FOLLOW_AGAIN_MS);
    const outcome: unknown = await stay(
      stopping,
      async (over): Promise<unknown> => {
        await untilClosed(client, { workflowId, runId: memory.runId }, over);
        return await handle.result();
      },
      memory,
    );
    return { kind: 'completed', outcome: outcome as RestartOutcome };
  } catch (error) {
    if (isNotThere(error)) return { kind: 'lost', why: 'it is not there' };
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return canceledEnd(handle);
    if (!(cause instanceof ApplicationFailure)) {
      return { kind: 'lost', why: cause?.message ?? error.message };
    }
    return { kind: 'failed', ...readFailure(cause) };
  }
}

/** Tells a Nexus caller's workflow that the restart that it started is shared from now on. */
async function tellStarter(
  client: Client,
  { parentExecution }: WorkflowExecutionDescription,
): Promise<void> {
  const starter = parentExecution?.workflowId ?? '';
  if (!isNexusRestart(starter)) return;
  try {
    await client.workflow.getHandle(starter).signal(RESTART_JOINED);
  } catch (error) {
    // That workflow has ended, so it no longer needs to know.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

const isNotThere = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError ||
  (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND);

/** Reads the outcome by query, because a canceled workflow has no result. */
async function canceledEnd(handle: WorkflowHandle): Promise<FollowedEnd> {
  let progress: RestartProgress;
  try {
    progress = await handle.query<RestartProgress>('progress');
  } catch (error) {
    // Under the id of a restart anybody may start any workflow.
    if (error instanceof QueryNotRegisteredError) return { kind: 'lost', why: 'it was canceled' };
    throw error;
  }
  const { phase: _, restart: __, outcome = 'canceled', endedAt = '', ...rest } = progress;
  return { kind: 'canceled', outcome: { ...rest, outcome, endedAt } };
}

/**
 * Passes an update on and waits for the answer.
 *
 * @param stays whether this attempt may wait long. If not, it waits a moment.
 */
export async function updateRestart(
  client: Client,
  stopping: AbortSignal,
  { workflowId, runId, update, args, updateId }: UpdateInput,
  stays: boolean,
): Promise<UpdateAnswer> {
  try {
    const before = Context.current().info.heartbeatDetails as FollowMemory | undefined;
    const known = runId ?? before?.runId;
    const newest = client.workflow.getHandle(workflowId);
    const memory: FollowMemory = { runId: known ?? (await newest.describe()).runId };
    Context.current().heartbeat(memory);
    const handle = client.workflow.getHandle(workflowId, memory.runId);
    const ask = () => handle.executeUpdate(update, { args: args as [], updateId });
    const result = await stay(
      stopping,
      (over) => (stays ? askInTurns(client, over, ask) : askBriefly(client, ask)),
      memory,
    );
    return { kind: 'answered', result };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'lost' };
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    const isOwn = cause instanceof ApplicationFailure && cause.type !== ENDED_WITHOUT_ANSWER;
    if (!isOwn) return { kind: 'lost' };
    const { type, message } = readFailure(cause);
    return { kind: 'failed', type, message, details: cause.details ?? [] };
  }
}

/** Makes a call for an attempt that may not stay. Throws `LookLater` if there is no answer in a moment. */
async function askBriefly<T>(client: Client, call: () => Promise<T>): Promise<T> {
  const later = async (): Promise<never> => {
    await pause(SHORT_WAIT_MS);
    throw lookLater(FOLLOW_AGAIN_MS);
  };
  // The deadline comes after the pause. It only ends the call that is left behind.
  const calling = client.connection.withDeadline(Date.now() + 2 * SHORT_WAIT_MS, call);
  return Promise.race([calling, later()]);
}

/**
 * Waits for a call to Temporal until the activity is cancelled or its worker stops.
 *
 * A worker's connection can't abort a call (SDK 1.24), so the last one goes on for a while.
 *
 * @param call makes no more calls to Temporal once the signal has aborted
 */
async function stay<T>(
  stopping: AbortSignal,
  call: (over: AbortSignal) => Promise<T>,
  memory: FollowMemory,
): Promise<T> {
  const { cancelled } = Context.current();
  const over = new AbortController();
  // Each wait listens to it, and the next run of a batch may begin with a thousand waits.
  setMaxListeners(0, stopping);
  try {
    const ended = () => orAborted(Promise.race([call(over.signal), cancelled]), stopping);
    return await heartbeatWhile(ended, STAY_BEAT_MS, () => memory);
  } catch (error) {
    // The SDK also cancels running activities when their worker stops. Nobody has cancelled the wait then.
    const stops = Context.current().cancellationDetails?.workerShutdown === true;
    if (!stops && !stopping.aborted) throw error;
    // The next attempt reads the memory from the last heartbeat.
    Context.current().heartbeat(memory);
    throw workerStopping();
  } finally {
    over.abort();
  }
}

/** Waits until a workflow has ended, by long polls, each of which Temporal ends after some 20 s. */
async function untilClosed(
  client: Client,
  execution: { workflowId: string; runId: string },
  over: AbortSignal,
): Promise<void> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array = new Uint8Array();
  for (;;) {
    const answer = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution,
      waitNewEvent: true,
      skipArchival: true,
      historyEventFilterType: CLOSE_EVENT,
      nextPageToken,
    });
    over.throwIfAborted();
    if ((answer.history?.events ?? []).length > 0) return;
    ({ nextPageToken } = answer);
  }
}

/** Asks again and again, until there is an answer or the wait is over. */
async function askInTurns<T>(client: Client, over: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const endsAt = monotonicNow() + TURN_MS;
    try {
      return await client.connection.withDeadline(Date.now() + TURN_MS, ask);
    } catch (error) {
      if (over.aborted || monotonicNow() < endsAt) throw error;
    }
  }
}
