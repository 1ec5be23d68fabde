import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { isNexusRestart, RESTART_JOINED } from '../domain/nexus-restart.js';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import type { FollowedEnd, FollowInput, UpdateAnswer, UpdateInput } from './activities.js';
import { heartbeatWhile, STAY_BEAT_MS } from './heartbeat.js';
import { workerStopping } from './retryable.js';

/** Stays until the restart has ended. Anything that Temporal's server may mend is thrown, and so repeated. */
export async function followRestart(
  client: Client,
  stopping: AbortSignal,
  { workflowId }: FollowInput,
): Promise<FollowedEnd> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    await tellStarter(client, handle);
    const outcome: unknown = await stay(stopping, () => handle.result());
    return { kind: 'completed', outcome: outcome as RestartOutcome };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'lost', why: 'it is not there' };
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return canceledEnd(client, workflowId);
    if (!(cause instanceof ApplicationFailure)) {
      return { kind: 'lost', why: cause?.message ?? error.message };
    }
    const outcome = cause.details?.[0] as RestartOutcome | undefined;
    const { message } = cause;
    return {
      kind: 'failed',
      type: cause.type ?? 'RestartUnknown',
      message,
      ...(outcome && { outcome }),
    };
  }
}

/** A Nexus caller that started the restart shares it from here on. */
async function tellStarter(client: Client, restart: WorkflowHandle): Promise<void> {
  const starter = (await restart.describe()).parentExecution?.workflowId ?? '';
  if (!isNexusRestart(starter)) return;
  try {
    await client.workflow.getHandle(starter).signal(RESTART_JOINED);
  } catch (error) {
    // It has left already, and what became of the restart is on its way.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** A canceled workflow has no result: its outcome is read by its query. */
async function canceledEnd(client: Client, workflowId: string): Promise<FollowedEnd> {
  const progress = await client.workflow.getHandle(workflowId).query<RestartProgress>('progress');
  const { phase: _, restart: __, outcome = 'canceled', endedAt = '', ...rest } = progress;
  return { kind: 'canceled', outcome: { ...rest, outcome, endedAt } };
}

/** Passes an update on and stays until it is answered. */
export async function updateRestart(
  client: Client,
  stopping: AbortSignal,
  { workflowId, update, args, updateId }: UpdateInput,
): Promise<UpdateAnswer> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    const result = await stay(stopping, () =>
      handle.executeUpdate(update, { args: args as [], updateId }),
    );
    return { kind: 'answered', result };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'lost' };
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) return { kind: 'lost' };
    const { type, message, details } = cause;
    return { kind: 'failed', type: type ?? 'RestartUnknown', message, details: details ?? [] };
  }
}

/**
 * Waits for an answer of Temporal's, until the activity is cancelled or its worker stops.
 *
 * The call itself is left to end: a worker's connection can't abort one (SDK 1.24).
 */
async function stay<T>(stopping: AbortSignal, call: () => Promise<T>): Promise<T> {
  const { cancelled } = Context.current();
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(workerStopping());
  });
  if (stopping.aborted) stop();
  stopping.addEventListener('abort', stop);
  try {
    return await heartbeatWhile(() => Promise.race([call(), cancelled, stopped]), STAY_BEAT_MS);
  } catch (error) {
    // The SDK cancels what runs when its worker stops: that is no cancellation of the activity.
    throw Context.current().cancellationDetails?.workerShutdown === true ? workerStopping() : error;
  } finally {
    stopping.removeEventListener('abort', stop);
  }
}
