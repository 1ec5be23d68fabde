import {
  ApplicationFailure,
  ChildWorkflowFailure,
  NexusOperationFailure,
} from '@temporalio/common';
import { createNexusServiceClient, executeChild } from '@temporalio/workflow';
import {
  modelartsRestarts,
  type RestartInput,
  type RestartOutcome,
} from 'modelarts-restarter/nexus';
import type { RestartWorkflow } from 'modelarts-restarter/workflows';

/** Restarts a job through a child workflow in the same namespace; describes its end in one line. */
export async function reportByChild(restart: RestartInput): Promise<string> {
  return report(restart, () =>
    // Sets no workflowId: under any id the child starts *the* restart of the job, or joins it.
    executeChild<RestartWorkflow>('restartVisualizationJob', {
      taskQueue: 'modelarts-restarts',
      args: [restart],
    }),
  );
}

/** Does the same through a Nexus operation, for a restarter in any namespace. */
export async function reportByNexus(restart: RestartInput, endpoint: string): Promise<string> {
  const restarts = createNexusServiceClient({ endpoint, service: modelartsRestarts });
  return report(restart, () => restarts.executeOperation('restartVisualizationJob', restart));
}

async function report(
  { jobId }: RestartInput,
  run: () => Promise<RestartOutcome>,
): Promise<string> {
  try {
    const { outcome, last, transitions } = await run();
    const path = transitions.map(({ name }) => name).join(' → ');
    return `job ${jobId}: ${outcome}, now ${last?.name}, by way of ${path}`;
  } catch (error) {
    const failure = restartFailure(error);
    // Leaves other errors, such as a cancellation, to the caller.
    if (failure === undefined) throw error;
    // The first detail is the outcome. Only a failure for bad input has none.
    const outcome = failure.details?.[0] as RestartOutcome | undefined;
    const { before, error: answer } = outcome ?? {};
    return (
      `job ${jobId}: ${outcome?.outcome ?? 'not tried'} (${failure.type}), ` +
      (outcome ? `was ${before?.name}, ModelArts says: ${answer?.message}` : failure.message)
    );
  }
}

/** Returns the restart's failure, which is the cause of the child's or the operation's failure. */
function restartFailure(error: unknown): ApplicationFailure | undefined {
  const byOthers = error instanceof ChildWorkflowFailure || error instanceof NexusOperationFailure;
  return byOthers && error.cause instanceof ApplicationFailure ? error.cause : undefined;
}
