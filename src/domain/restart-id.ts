import { isProjectId } from './parse-request.js';

/**
 * The workflow id of *the* restart of a job: `restart:<projectId>:<jobId>`. Temporal runs one
 * workflow per id, so it is the lock. No slashes: the Temporal UI's links break on them.
 */
export function restartId(projectId: string, jobId: string): string {
  return `restart:${projectId}:${jobId}`;
}

/** Reads the project from the workflow id of *the* restart of this job; `undefined` for any other id. */
export function projectInId(workflowId: string, jobId: string): string | undefined {
  const projectId = workflowId.split(':')[1];
  return isProjectId(projectId) && workflowId === restartId(projectId, jobId)
    ? projectId
    : undefined;
}
