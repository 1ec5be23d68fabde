import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { BATCH_WORKFLOW } from '../names.js';
import { idOf, type RestartKey } from './describe-restart.js';
import { RestartNotFoundError } from './errors.js';
import { ANSWER_WITHIN_MS, callingWithin } from './temporal-call.js';
import { whyNobodyListens } from './workers.js';

export interface CancelOptions {
  /**
   * Ends the restart in Temporal at once, without a worker. The job is left alone, and no outcome is
   * recorded. A request that is in flight may still be carried out.
   */
  terminate?: boolean;
}

/** The result of the call. */
export interface CanceledRestart {
  workflowId: string;
  taskQueue: string;
  /** `true`: the restart has ended. `false`: the restart was asked to end. */
  terminated: boolean;
  /** Why no worker gets the cancellation for now. The restart goes on until one does. */
  nobodyListens?: string;
}

/**
 * Asks the restart of a job to end as `canceled`. Its `onCancel` says whether the job is left alone
 * or stopped. The restart first waits for the answer to a request in flight.
 *
 * @throws RestartNotFoundError if none is under way
 */
export function cancelRestart(
  client: Client,
  key: RestartKey,
  options: CancelOptions = {},
): Promise<CanceledRestart> {
  return cancelWorkflow(client, key, options, false);
}

/**
 * Cancels a restart or a batch.
 *
 * @param isBatch only a batch is cancelled: a batch may have any workflow id, also one that was
 * meant for a workflow of somebody else's
 */
export async function cancelWorkflow(
  client: Client,
  key: RestartKey,
  { terminate = false }: CancelOptions,
  isBatch: boolean,
): Promise<CanceledRestart> {
  const workflowId = idOf(key);
  const newest = client.workflow.getHandle(workflowId, 'runId' in key ? key.runId : undefined);
  const calling = <T>(call: () => Promise<T>) => callingWithin(client, ANSWER_WITHIN_MS, call);
  try {
    // Temporal accepts the cancellation of an ended restart silently, so check first.
    const { type, status, runId, taskQueue, raw } = await calling(() => newest.describe());
    if (isBatch && type !== BATCH_WORKFLOW) throw new RestartNotFoundError(workflowId, 'batch');
    if (status.name !== 'RUNNING') throw new RestartNotFoundError(workflowId, 'running');
    // A batch may continue in another run at any time. By the first run, Temporal finds the last one of
    // the same batch, and nothing that is started later under this id.
    const firstExecutionRunId = raw.workflowExecutionInfo?.firstRunId || runId;
    const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId });
    if (terminate) {
      await calling(() => handle.terminate('terminated by modelarts-restarter'));
      return { workflowId, taskQueue, terminated: true };
    }
    await calling(() => handle.cancel());
    const nobodyListens = await whyNobodyListens(client, taskQueue, { believesStops: true });
    return { workflowId, taskQueue, terminated: false, ...defined({ nobodyListens }) };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new RestartNotFoundError(workflowId, 'running');
  }
}
