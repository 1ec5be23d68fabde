import { Agent, fetch } from 'undici';
import type { JobRef } from '../../src/domain/ids.js';

/** A call that the gateway refused, because too many were made. */
export const THROTTLED = 'throttled';

/** The calls that a program makes without a budget: each by itself, with a ready token. */
export interface PlainClient {
  restart(job: JobRef): Promise<'accepted' | typeof THROTTLED>;
  /** Returns the job's status. */
  look(job: JobRef): Promise<number | typeof THROTTLED>;
}

const CONNECTIONS = 64;

/**
 * Reads the endpoint from the variable that the worker reads too. The token, by which the gateway of
 * the simulator counts the calls, is the name of the worker's access key.
 */
export function createPlainClient(env: NodeJS.ProcessEnv): PlainClient {
  const dispatcher = new Agent({ connections: CONNECTIONS });
  async function call(method: string, { projectId, jobId }: JobRef, verb = ''): Promise<unknown> {
    const path = `/v1/${projectId}/visualization-jobs/${jobId}${verb}`;
    const url = new URL(path, env['MODELARTS_ENDPOINT']);
    const headers = { 'x-auth-token': env['HW_ACCESS_KEY']! };
    const response = await fetch(url, { method, headers, dispatcher });
    const body: unknown = await response.json();
    if (response.status === 429) return THROTTLED;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return body;
  }
  return {
    async restart(job) {
      const answer = await call('POST', job, '/restart');
      if (answer === THROTTLED) return THROTTLED;
      const { is_success: isSuccess } = answer as { is_success: boolean };
      if (!isSuccess) throw new Error(`the restart of ${job.jobId} was refused`);
      return 'accepted';
    },
    async look(job) {
      const answer = await call('GET', job);
      return answer === THROTTLED ? THROTTLED : (answer as { status: number }).status;
    },
  };
}
