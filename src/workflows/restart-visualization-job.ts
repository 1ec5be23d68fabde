import { setHandler, workflowInfo } from '@temporalio/workflow';
import type { RestartOutcome } from '../domain/outcome.js';
import { parseRestartArguments } from '../domain/parse-request.js';
import { jobInId, restartId } from '../domain/restart-id.js';
import { answersGiven, inputFailure } from './ending.js';
import { joinRestart } from './join-restart.js';
import { acceptedUpdate, type RestartWorkflow } from './messages.js';
import { theRestart } from './the-restart.js';

/**
 * Restarts a visualization job and follows it until it is up.
 *
 * Under the id `restart:<projectId>:<jobId>` it is *the* restart of that job. Under any other id it
 * runs that one as its child, or joins it when it is under way.
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
  const request = parsed.value;
  const { workflowId } = workflowInfo();
  // The id names the project where the input does not.
  const named = jobInId(workflowId);
  if (named === undefined) return joinRestart(request, request.projectId);
  const { jobId, projectId = named.projectId } = request;
  if (workflowId === restartId(projectId, jobId)) return theRestart(request, projectId);
  // Under this id it would pass for the restart of the other job.
  return refuse([
    `the workflow id ${workflowId} is for job ${named.jobId} of project ${named.projectId}; the input is for job ${jobId} of ${projectId}`,
  ]);
}

/** Refuses bad input, also to those who wait for `accepted`. */
async function refuse(problems: readonly string[]): Promise<never> {
  const failed = inputFailure(problems);
  setHandler(acceptedUpdate, () => {
    throw failed;
  });
  await answersGiven();
  throw failed;
}
