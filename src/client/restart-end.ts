import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { notWaitingWhereBusy } from './attempts.js';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import { RestartError, RestartNotFoundError, TemporalUnreachableError } from './errors.js';
import { calling, callingWithin, isBusy } from './temporal-call.js';

/** How a restart ended, where that is known: `failed` carries the failure that the workflow ended with. */
export type RestartEnd =
  | { kind: 'completed'; outcome: RestartOutcome }
  | { kind: 'failed'; outcome?: RestartOutcome; failure: { type: string; message: string } }
  | { kind: 'canceled' };

const QUERY_WITHIN_MS = 5_000;

/** A question that comes in the moment when a restart ends may get no answer (server 1.32). */
const ASK_AGAIN_AFTER_MS = 1_000;

/** A worker is done with its work on a restart in some milliseconds, unless it is away. */
const BUSY_PAUSE_MS = 50;
const LONGEST_BUSY_PAUSE_MS = 800;

/** Waits for a restart's end. A canceled workflow has no result: its outcome is read by the query. */
export async function restartEnd(client: Client, handle: WorkflowHandle): Promise<RestartEnd> {
  try {
    const outcome = (await calling(client, () => handle.result())) as RestartOutcome;
    return { kind: 'completed', outcome };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new RestartNotFoundError(handle.workflowId, 'any');
    }
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { kind: 'canceled' };
    if (cause instanceof ApplicationFailure) {
      const outcome = cause.details?.[0] as RestartOutcome | undefined;
      const failure = { type: cause.type ?? 'RestartUnknown', message: cause.message };
      return { kind: 'failed', failure, ...(outcome && { outcome }) };
    }
    const what = cause instanceof TerminatedFailure ? 'it was terminated' : 'it was timed out';
    const message = `RestartUnknown: the restart is gone: ${what} in Temporal. Look at the job before you restart it.`;
    return { kind: 'failed', failure: { type: 'RestartUnknown', message } };
  }
}

/** The last word of a restart; where a canceled one can't be asked any more, what was known of it. */
export async function lastProgress(
  client: Client,
  handle: WorkflowHandle,
  end: RestartEnd,
  known: RestartProgress | undefined,
): Promise<RestartProgress> {
  if (end.kind === 'canceled') {
    try {
      return await askProgress(client, handle);
    } catch (error) {
      if (known === undefined) throw error;
      const endedAt = new Date().toISOString();
      return { ...known, phase: 'done', outcome: 'canceled', endedAt };
    }
  }
  if (end.outcome !== undefined) return { ...end.outcome, phase: 'done' };
  const { type, message } = (end as Extract<RestartEnd, { kind: 'failed' }>).failure;
  throw new RestartError(type, message);
}

/** Asks a restart where it is; a worker must be there to answer. A signal is for one question only. */
export async function askProgress(
  client: Client,
  handle: WorkflowHandle,
  withinMs = QUERY_WITHIN_MS,
  signal: AbortSignal = new AbortController().signal,
): Promise<RestartProgress> {
  const startedAt = Date.now();
  const leftMs = () => startedAt + withinMs - Date.now();
  const query = () => handle.query<RestartProgress>('progress');
  const ask = () => client.connection.withAbortSignal(signal, () => notWaitingWhereBusy(query));
  // The SDK keeps a listener for each call.
  setMaxListeners(0, signal);
  let pauseMs = BUSY_PAUSE_MS;
  for (let isFirst = true; ;) {
    const ms = isFirst ? Math.min(ASK_AGAIN_AFTER_MS, leftMs()) : leftMs();
    try {
      return await callingWithin(client, ms, ask);
    } catch (error) {
      if (signal.aborted || leftMs() < pauseMs) throw error;
      if (error instanceof TemporalUnreachableError && isFirst) isFirst = false;
      else if (!isBusy(error)) throw error;
    }
    await pause(pauseMs * Math.random(), undefined, { signal });
    pauseMs = Math.min(LONGEST_BUSY_PAUSE_MS, pauseMs * 2);
  }
}
