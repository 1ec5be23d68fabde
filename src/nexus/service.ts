import * as nexus from 'nexus-rpc';
import type { BatchInput } from '../domain/batch-options.js';
import type { BatchOutcome } from '../domain/batch-outcome.js';
import type { RestartOutcome } from '../domain/outcome.js';
import type { RestartInput } from '../domain/options.js';

export type { BatchInput, JobSelection } from '../domain/batch-options.js';
export type { BatchOutcome, JobOutcome, JobOutcomeName } from '../domain/batch-outcome.js';
export type { OutcomeName, RestartOutcome, Transition } from '../domain/outcome.js';
export type { RestartInput } from '../domain/options.js';
export type { Status } from '../domain/status.js';

/**
 * Restarts of ModelArts jobs as a Nexus service, for workflows in other namespaces. It imports no
 * worker and no Node module, so workflow code can import it.
 */
export const modelartsRestarts = nexus.service('modelarts-restarts', {
  /**
   * Restarts a visualization job, or joins the restart that is under way. Input, result and failures
   * are those of the workflow of the same name.
   */
  restartVisualizationJob: nexus.operation<RestartInput | string | number, RestartOutcome>(),
  /**
   * Restarts many jobs, or joins their restarts that are under way. Input, result and failures are
   * those of the workflow of the same name.
   */
  restartVisualizationJobs: nexus.operation<BatchInput, BatchOutcome>(),
});
