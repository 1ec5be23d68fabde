import type { BatchOutcome } from '../../src/domain/batch-outcome.js';
import { runBatch } from '../../src/workflows/run-batch.js';

export { restartVisualizationJob } from '../../src/workflows/index.js';

/** The workflow of the same name, but a run hands over to the next one after a few jobs. */
export async function restartVisualizationJobs(...args: unknown[]): Promise<BatchOutcome> {
  return runBatch(args, { events: 40, bytes: Infinity });
}
