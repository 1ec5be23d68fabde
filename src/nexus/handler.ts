import * as nexus from 'nexus-rpc';
import { startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { nexusBatchId, nexusRestartId } from '../domain/ids.js';
import { BATCH_WORKFLOW, RESTART_WORKFLOW } from '../names.js';
import type { BatchWorkflow, RestartWorkflow } from '../workflows/messages.js';
import { modelartsRestarts } from './service.js';

/**
 * Starts a workflow for each caller, which runs *the* restart of the job or joins it. Temporal passes
 * the cancellation of an operation on to its workflow, so with a shared workflow one caller would
 * cancel the restart of all. If others have joined the restart, a cancellation by the caller that
 * started it does not end the restart.
 *
 * The workflow reads the input: bad input fails the operation as it fails the workflow.
 */
export const modelartsRestartsHandler = nexus.serviceHandler(modelartsRestarts, {
  restartVisualizationJob: new WorkflowRunOperationHandler((context, input) =>
    startWorkflow<RestartWorkflow>(context, RESTART_WORKFLOW, {
      // The server may repeat a start with the same request id. It must not start a second workflow.
      workflowId: nexusRestartId(context.requestId),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [input],
      staticSummary: 'restart asked for by a Nexus caller',
    }),
  ),
  restartVisualizationJobs: new WorkflowRunOperationHandler((context, input) =>
    startWorkflow<BatchWorkflow>(context, BATCH_WORKFLOW, {
      workflowId: nexusBatchId(context.requestId),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [input],
      staticSummary: 'batch asked for by a Nexus caller',
    }),
  ),
});
