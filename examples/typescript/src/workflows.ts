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

/** Restarts a job by a child workflow, in the same namespace, and says in a line what came of it. */
export async function reportByChild(restart: RestartInput): Promise<string> {
  return report(restart, () =>
    // No workflowId: under an id of its own the child runs *the* restart of the job, or joins it.
    executeChild<RestartWorkflow>('restartVisualizationJob', {
      taskQueue: 'modelarts-restarts',
      args: [restart],
    }),
  );
}

/** The same by a Nexus operation: the restarter may be in another namespace. */
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
    // A cancellation, say, is not this function's to handle.
    if (failure === undefined) throw error;
    // The first detail is the outcome; only bad input has none.
    const outcome = failure.details?.[0] as RestartOutcome | undefined;
    const { before, error: answer } = outcome ?? {};
    return (
      `job ${jobId}: ${outcome?.outcome ?? 'not tried'} (${failure.type}), ` +
      (outcome ? `was ${before?.name}, ModelArts says: ${answer?.message}` : failure.message)
    );
  }
}

/** The restart's own failure, from inside the child's or the operation's. */
function restartFailure(error: unknown): ApplicationFailure | undefined {
  const byOthers = error instanceof ChildWorkflowFailure || error instanceof NexusOperationFailure;
  return byOthers && error.cause instanceof ApplicationFailure ? error.cause : undefined;
}
