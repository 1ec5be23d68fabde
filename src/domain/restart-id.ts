import type { JobRef } from './answer.js';
import { isProjectId } from './parse-request.js';

/**
 * The workflow id of *the* restart of a job: `restart:<projectId>:<jobId>`. Temporal runs one
 * workflow per id, so it is the lock. No slashes: the Temporal UI's links break on them.
 */
export function restartId(projectId: string, jobId: string): string {
  return `restart:${projectId}:${jobId}`;
}

/** The job that a workflow id is *the* restart of, by its form; `undefined` for any other id. */
export function jobInId(workflowId: string): JobRef | undefined {
  const [prefix, projectId, jobId, ...rest] = workflowId.split(':');
  if (prefix !== 'restart' || rest.length > 0 || !isProjectId(projectId)) return undefined;
  return jobId !== undefined && /^[1-9]\d{0,18}$/.test(jobId) ? { projectId, jobId } : undefined;
}
