import * as nexus from 'nexus-rpc';
import { startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { nexusRestartId } from '../domain/ids.js';
import { RESTART_WORKFLOW } from '../names.js';
import type { RestartWorkflow } from '../workflows/messages.js';
import { modelartsRestarts } from './service.js';

/**
 * What the worker does for the service: each caller has a workflow of its own, which runs *the*
 * restart of the job or joins it. Temporal sends the cancellation of an operation to the workflow
 * behind it, so callers that shared one would take the restart from each other. Where others have
 * joined the restart that one of them started, its cancellation leaves it to them.
 *
 * The workflow reads the input: bad input fails the operation as it fails the workflow.
 */
export const modelartsRestartsHandler = nexus.serviceHandler(modelartsRestarts, {
  restartVisualizationJob: new WorkflowRunOperationHandler((context, input) =>
    startWorkflow<RestartWorkflow>(context, RESTART_WORKFLOW, {
      // The server repeats a start under the same request id: the restart must not be started twice.
      workflowId: nexusRestartId(context.requestId),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [input],
      staticSummary: 'restart asked for by a Nexus caller',
    }),
  ),
});
