import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import type { FollowedEnd } from '../activities/activities.js';
import { defined } from '../domain/defined.js';
import { readFailure } from '../domain/failures.js';
import type { RestartInput } from '../domain/options.js';
import { RESTART_WORKFLOW } from '../names.js';
import type { RestartWorkflow } from './messages.js';
import { waits } from './activity-hands.js';

/** *The* restart of a job, as a child of the workflow that started it. */
export type Restart = ChildWorkflowHandle<RestartWorkflow>;

/**
 * Starts *the* restart of a job as a child; `undefined` if it is under way already. Not cancellable:
 * whoever starts a restart passes a cancellation on by hand, and still needs the restart's result.
 */
export async function startRestartChild(
  workflowId: string,
  input: RestartInput,
  options: Pick<ChildWorkflowOptions, 'staticSummary' | 'memo' | 'typedSearchAttributes'>,
): Promise<Restart | undefined> {
  try {
    return await CancellationScope.nonCancellable(() =>
      startChild<RestartWorkflow>(RESTART_WORKFLOW, {
        workflowId,
        args: [input],
        // The restart belongs to everyone who joined it, so it outlives this workflow.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        ...options,
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/**
 * How a restart failed, by the error of its result. `undefined` if it was canceled, terminated or timed
 * out: then only the restart itself knows more.
 */
export function failedEnd(error: unknown): FollowedEnd | undefined {
  if (!(error instanceof ChildWorkflowFailure)) throw error;
  const { cause } = error;
  return cause instanceof ApplicationFailure
    ? { kind: 'failed', ...readFailure(cause) }
    : undefined;
}

/** Waits by an activity for the end of a restart. A cancellation ends the wait, not the restart. */
export async function endByActivity(workflowId: string, runId?: string): Promise<FollowedEnd> {
  const options = { summary: `follow ${workflowId}` };
  return waits.followRestart.executeWithOptions(options, [{ workflowId, ...defined({ runId }) }]);
}
