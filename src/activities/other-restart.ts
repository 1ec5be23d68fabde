import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import {
  type Client,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { readFailure } from '../domain/failures.js';
import { isNexusRestart, RESTART_JOINED } from '../domain/ids.js';
import { orAborted } from '../domain/or-aborted.js';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import type { FollowedEnd, FollowInput, UpdateAnswer, UpdateInput } from './activities.js';
import { heartbeatWhile, lookLater, STAY_BEAT_MS, workerStopping } from './heartbeat.js';

/** The failure type that Temporal gives to an update whose workflow was terminated or timed out. */
const ENDED_WITHOUT_ANSWER = 'AcceptedUpdateCompletedWorkflow';

/** How long until an attempt for which the worker has no room asks again. */
const FOLLOW_AGAIN_MS = 10_000;

/** How long such an attempt waits for the answer to an update. */
const SHORT_WAIT_MS = 1_000;

/** How long one call to Temporal waits for an end or an answer, before it is made again. */
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
    const outcome: unknown = await stay(client, stopping, () => handle.result(), memory);
    return { kind: 'completed', outcome: outcome as RestartOutcome };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'lost', why: 'it is not there' };
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

/** Reads the outcome by query, because a canceled workflow has no result. */
async function canceledEnd(handle: WorkflowHandle): Promise<FollowedEnd> {
  const progress = await handle.query<RestartProgress>('progress');
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
      client,
      stopping,
      stays ? ask : () => askBriefly(client, ask),
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

/** Waits for a call to Temporal until the activity is cancelled or its worker stops. */
async function stay<T>(
  client: Client,
  stopping: AbortSignal,
  call: () => Promise<T>,
  memory: FollowMemory,
): Promise<T> {
  const { cancelled } = Context.current();
  const over = new AbortController();
  // Each wait listens to it, and the next run of a batch may begin with a thousand waits.
  setMaxListeners(0, stopping);
  try {
    const calling = () => Promise.race([inTurns(client, over.signal, call), cancelled]);
    const ended = () => orAborted(calling(), stopping);
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

/**
 * Makes a long call to Temporal again and again, until it ends by itself or the wait is over.
 *
 * A worker's connection can't abort a call (SDK 1.24), so what a wait leaves behind goes on until its turn ends.
 */
async function inTurns<T>(client: Client, over: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (;;) {
    const endsAt = Date.now() + TURN_MS;
    try {
      return await client.connection.withDeadline(endsAt, call);
    } catch (error) {
      if (over.aborted || Date.now() < endsAt) throw error;
    }
  }
}
