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
