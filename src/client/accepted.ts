import {
  ApplicationFailure,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowUpdateHandle,
} from '@temporalio/client';
import type { RestartAccepted, RestartOutcome } from '../domain/outcome.js';
import { RestartError } from './errors.js';
import { restartEnd } from './restart-end.js';
import { calling } from './temporal-call.js';

/** The type of Temporal's own failure of an update whose workflow was terminated or timed out. */
const ENDED_WITHOUT_ANSWER = 'AcceptedUpdateCompletedWorkflow';

/** The answer of an `accepted`; rejects with a `RestartError` where ModelArts did not take it. */
export async function acceptedBy(
  client: Client,
  update: WorkflowUpdateHandle<RestartAccepted>,
  joined: boolean,
): Promise<RestartAccepted> {
  try {
    const accepted = await calling(client, () => update.result());
    return { ...accepted, attached: accepted.attached || joined };
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure) || cause.type === ENDED_WITHOUT_ANSWER) {
      throw await whyNoAnswer(client, update);
    }
    const outcome = cause.details?.[0] as RestartOutcome | undefined;
    const own = outcome && { ...outcome, attached: outcome.attached || joined };
    throw new RestartError(cause.type ?? 'RestartUnknown', cause.message, own);
  }
}

/** The restart ended without an answer of its own: how it ended is the answer. */
async function whyNoAnswer(
  client: Client,
  { workflowId, workflowRunId }: WorkflowUpdateHandle<RestartAccepted>,
): Promise<RestartError> {
  const end = await restartEnd(client, client.workflow.getHandle(workflowId, workflowRunId));
  if (end.kind === 'failed') {
    return new RestartError(end.failure.type, end.failure.message, end.outcome);
  }
  const type = 'RestartCanceled';
  return new RestartError(type, `${type}: the restart was canceled before ModelArts took it.`);
}
