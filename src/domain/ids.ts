import { isJobId, isProjectId } from './parse-options.js';

/** A visualization job, by its project and its id. */
export interface JobRef {
  projectId: string;
  jobId: string;
}

/**
 * The workflow id of *the* restart of a job: `restart:<projectId>:<jobId>`. Temporal runs one
 * workflow per id, so the id is the lock. It has no slashes, because they break the Temporal UI's links.
 */
export function restartId(projectId: string, jobId: string): string {
  return `restart:${projectId}:${jobId}`;
}

/** Orders job ids as numbers, which may have more digits than a JavaScript number holds. */
export function byJobId(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}

/** Reads the job from the workflow id of *the* restart; `undefined` for any other id. */
export function jobInId(workflowId: string): JobRef | undefined {
  const [prefix, projectId, jobId, ...rest] = workflowId.split(':');
  if (prefix !== 'restart' || rest.length > 0 || !isProjectId(projectId)) return undefined;
  return isJobId(jobId) ? { projectId, jobId } : undefined;
}

/**
 * The id of the workflow behind a Nexus operation. Each caller has its own workflow, which runs *the*
 * restart of the job or joins it.
 */
export const nexusRestartId = (requestId: string): string => `nexus-restart:${requestId}`;

export const isNexusRestart = (workflowId: string): boolean =>
  workflowId.startsWith(nexusRestartId(''));

/** The id of the workflow behind a Nexus operation that restarts many jobs. */
export const nexusBatchId = (requestId: string): string => `nexus-restarts:${requestId}`;

/**
 * The workflow id of a batch: `restarts:<projectId>:<name>`, so that a second start of a batch that is
 * under way joins it. Like `restartId`, it has no slashes.
 */
export function batchId(projectId: string | undefined, name: string): string {
  // Anything else could break a link, or the parts of the id.
  const plain = name.replace(/[^\p{L}\p{N} ._-]/gu, '-');
  // Two names must not become one id.
  const mark = plain === name ? '' : `~${hash(name)}`;
  return `restarts:${projectId ?? ''}:${plain}${mark}`;
}

/** Reads the project from the workflow id of a batch; `undefined` for any other id. */
export function projectInBatchId(workflowId: string): string | undefined {
  const [prefix, projectId] = workflowId.split(':');
  return prefix === 'restarts' && isProjectId(projectId) ? projectId : undefined;
}

/** FNV-1a, 32 bits, as 8 hexadecimal digits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}

/**
 * The signal to the workflow behind a Nexus operation: somebody has joined the restart that this
 * workflow started. From then on its caller's cancellation must not end the restart.
 */
export const RESTART_JOINED = 'restartJoined';
