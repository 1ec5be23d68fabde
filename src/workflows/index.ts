import { workflowInfo } from '@temporalio/workflow';
import { unknownWorkflowType } from '../domain/failures.js';
import { nearest } from '../domain/nearest.js';
import { BATCH_WORKFLOW, RESTART_WORKFLOW } from '../names.js';
import { failure } from './failure.js';

export { restartVisualizationJob } from './restart-visualization-job.js';
export { restartVisualizationJobs } from './restart-visualization-jobs.js';

/** The workflow types that people can start here. */
const KNOWN = [RESTART_WORKFLOW, BATCH_WORKFLOW];

/** Receives every workflow type that has no export of its name. Fails at once and names the known types. */
export default async function failUnknownWorkflowType(): Promise<never> {
  const { workflowType } = workflowInfo();
  throw failure(unknownWorkflowType(workflowType, KNOWN, nearest(workflowType, KNOWN)));
}
