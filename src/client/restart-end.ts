import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import { RestartError, RestartNotFoundError } from './errors.js';
import { calling, callingWithin } from './temporal-call.js';

/** How a restart ended, where that is known: `failed` carries the failure that the workflow ended with. */
export type RestartEnd =
  | { kind: 'completed'; outcome: RestartOutcome }
  | { kind: 'failed'; outcome?: RestartOutcome; failure: { type: string; message: string } }
  | { kind: 'canceled' };

const QUERY_WITHIN_MS = 5_000;

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

/** Asks a restart where it is; a worker must be there to answer. */
export function askProgress(
  client: Client,
  handle: WorkflowHandle,
  withinMs = QUERY_WITHIN_MS,
): Promise<RestartProgress> {
  return callingWithin(client, withinMs, () => handle.query<RestartProgress>('progress'));
}
