import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { idOf, type RestartKey } from './describe-restart.js';
import { RestartNotFoundError } from './errors.js';
import { callingWithin } from './temporal-call.js';

const ANSWER_WITHIN_MS = 10_000;

/**
 * Asks the restart of a job to end as `canceled`. Its `onCancel` says whether the job is left alone
 * or stopped; a request that is under way is answered first, so it may go on for a moment.
 *
 * @throws RestartNotFoundError where none is under way
 */
export async function cancelRestart(
  client: Client,
  key: RestartKey,
): Promise<{ workflowId: string }> {
  const workflowId = idOf(key);
  const handle = client.workflow.getHandle(workflowId, 'runId' in key ? key.runId : undefined);
  try {
    // Temporal takes the cancellation of a restart that has ended without a word.
    const { status } = await callingWithin(client, ANSWER_WITHIN_MS, () => handle.describe());
    if (status.name !== 'RUNNING') throw new RestartNotFoundError(workflowId, 'running');
    await callingWithin(client, ANSWER_WITHIN_MS, () => handle.cancel());
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new RestartNotFoundError(workflowId, 'running');
  }
  return { workflowId };
}
