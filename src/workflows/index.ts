import { setHandler, workflowInfo } from '@temporalio/workflow';
import { unknownWorkflowType } from '../domain/failures.js';
import { jobInId, restartId } from '../domain/ids.js';
import type { BatchOutcome } from '../domain/batch-outcome.js';
import type { RestartOutcome } from '../domain/outcome.js';
import { nearest, parseRestartArguments } from '../domain/parse-options.js';
import { BATCH_WORKFLOW, RESTART_WORKFLOW } from '../names.js';
import { answersGiven, failure, inputFailure } from './replies.js';
import { acceptedUpdate, type BatchWorkflow, type RestartWorkflow } from './messages.js';
import { runBatch } from './run-batch.js';
import { runOrJoin } from './run-or-join.js';
import { theRestart } from './the-restart.js';

/**
 * When a batch continues in a new run. Temporal ends a workflow at 51,200 events or 50 MB, which leaves
 * room for up to a thousand restarts under way: each adds 3 more events and at most some 10 kB.
 */
const RUN_LIMITS = { events: 10_000, bytes: 10_000_000 };

/**
 * Restarts a visualization job and follows it until it is up.
 *
 * Under the id `restart:<projectId>:<jobId>` this workflow is *the* restart of that job. Under any
 * other id it runs *the* restart as its child, or joins it if it is under way.
 *
 * @param args one argument: the input, or a bare job id for `{ jobId }`
 * @returns the outcome
 * @throws ApplicationFailure with the outcome as first detail; `InvalidInput` without one
 */
export async function restartVisualizationJob(
  ...args: Parameters<RestartWorkflow>
): Promise<RestartOutcome> {
  const parsed = parseRestartArguments(args);
  if (!parsed.ok) return refuse(parsed.problems);
  const options = parsed.value;
  const { workflowId } = workflowInfo();
  // If the input names no project, the workflow id may.
  const named = jobInId(workflowId);
  if (named === undefined) return runOrJoin(options, options.projectId);
  const { jobId, projectId = named.projectId } = options;
  if (workflowId === restartId(projectId, jobId)) return theRestart(options, projectId);
  // Under this id, others would take the restart for one of the other job.
  return refuse([
    `the workflow id ${workflowId} is for job ${named.jobId} of project ${named.projectId}; the input is for job ${jobId} of ${projectId}`,
  ]);
}

/** Fails for bad input, and fails the callers of `accepted` too. */
async function refuse(problems: readonly string[]): Promise<never> {
  const failed = inputFailure(problems);
  setHandler(acceptedUpdate, () => {
    throw failed;
  });
  await answersGiven();
  throw failed;
}

/**
 * Restarts many visualization jobs, a number of them at a time, and follows each until it is up.
 *
 * Each job is restarted by *the* restart of that job: as a child under the id
 * `restart:<projectId>:<jobId>`, or, if that is under way already, by joining it.
 *
 * @param args one argument: the input. The batch itself adds a second one when it goes on in a new run.
 * @returns the outcome, if all jobs got there
 * @throws ApplicationFailure `SomeRestartsFailed` with the outcome as first detail; `InvalidInput`, or
 * the code with which ModelArts refused the list, without one
 */
export async function restartVisualizationJobs(
  ...args: Parameters<BatchWorkflow>
): Promise<BatchOutcome> {
  return runBatch(args, RUN_LIMITS);
}

/** The workflow types that people can start here. */
const KNOWN = [RESTART_WORKFLOW, BATCH_WORKFLOW];

/** Receives every workflow type that has no export of its name. Fails at once and names the known types. */
export default async function failUnknownWorkflowType(): Promise<never> {
  const { workflowType } = workflowInfo();
  throw failure(unknownWorkflowType(workflowType, KNOWN, nearest(workflowType, KNOWN)));
}
