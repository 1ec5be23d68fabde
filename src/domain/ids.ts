import { isJobId, isProjectId } from './parse-options.js';

/** A visualization job, by its project and its id. */
export interface JobRef {
  projectId: string;
  jobId: string;
}

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
  return isJobId(jobId) ? { projectId, jobId } : undefined;
}

/**
 * The id of the workflow behind a Nexus operation: each caller has one of its own, which runs *the*
 * restart of the job or joins it.
 */
export const nexusRestartId = (requestId: string): string => `nexus-restart:${requestId}`;

export const isNexusRestart = (workflowId: string): boolean =>
  workflowId.startsWith(nexusRestartId(''));

/**
 * The signal that tells the workflow behind a Nexus operation which started a restart that somebody
 * else has joined it: its caller's cancellation must not take the restart from them.
 */
export const RESTART_JOINED = 'restartJoined';
