import type { BatchOutcome } from '../../src/domain/batch-outcome.js';
import { restartJobs } from '../../src/workflows/restart-jobs.js';

export { restartVisualizationJob } from '../../src/workflows/index.js';

/** The workflow of the same name, but a run hands over to the next one after a few jobs. */
export async function restartVisualizationJobs(...args: unknown[]): Promise<BatchOutcome> {
  return restartJobs(args, { events: 40, bytes: Infinity });
}
