import type { BatchOutcome } from '../domain/batch-outcome.js';
import { restartJobs } from './restart-jobs.js';
import type { BatchWorkflow } from './messages.js';

/**
 * When a batch goes on in a new run. Temporal ends a workflow at 51,200 events or 50 MB. Up to a thousand
 * restarts may be under way then, which add 3 events each and at most some 10 kB.
 */
const RUN_LIMITS = { events: 10_000, bytes: 10_000_000 };

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
  return restartJobs(args, RUN_LIMITS);
}
