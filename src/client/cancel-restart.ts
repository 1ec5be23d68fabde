import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { idOf, type RestartKey } from './describe-restart.js';
import { RestartNotFoundError } from './errors.js';
import { ANSWER_WITHIN_MS, callingWithin } from './temporal-call.js';
import { whyNobodyListens } from './workers.js';

export interface CancelOptions {
  /**
   * Ends it in Temporal at once, without a worker: the job is left alone, no outcome is recorded, and
   * a request that is under way may still be carried out.
   */
  terminate?: boolean;
}

/** What became of the call. */
export interface CanceledRestart {
  workflowId: string;
  taskQueue: string;
  /** It has ended; otherwise it has been asked to end. */
  terminated: boolean;
  /** Why no worker hears of the cancellation for now: the restart goes on until one does. */
  nobodyListens?: string;
}

/**
 * Asks the restart of a job to end as `canceled`. Its `onCancel` says whether the job is left alone
 * or stopped; a request that is under way is answered first, so it may go on for a moment.
 *
 * @throws RestartNotFoundError where none is under way
 */
export async function cancelRestart(
  client: Client,
  key: RestartKey,
  { terminate = false }: CancelOptions = {},
): Promise<CanceledRestart> {
  const workflowId = idOf(key);
  const newest = client.workflow.getHandle(workflowId, 'runId' in key ? key.runId : undefined);
  const calling = <T>(call: () => Promise<T>) => callingWithin(client, ANSWER_WITHIN_MS, call);
  try {
    // Temporal takes the cancellation of a restart that has ended without a word.
    const { status, runId, taskQueue } = await calling(() => newest.describe());
    if (status.name !== 'RUNNING') throw new RestartNotFoundError(workflowId, 'running');
    const handle = client.workflow.getHandle(workflowId, runId);
    if (terminate) {
      await calling(() => handle.terminate('terminated by modelarts-restarter'));
      return { workflowId, taskQueue, terminated: true };
    }
    await calling(() => handle.cancel());
    const nobodyListens = await whyNobodyListens(client, taskQueue);
    return { workflowId, taskQueue, terminated: false, ...defined({ nobodyListens }) };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new RestartNotFoundError(workflowId, 'running');
  }
}
