import type { Simulator } from '../../../simulator/index.js';

/** What a client saw: an answer, or how it failed, with the status where the head had arrived. */
export interface Seen {
  status?: number;
  headers: Headers;
  text: string;
  failed: boolean;
}

/** Calls the API as any client would: job id and verb after the collection's path. */
export async function call(
  simulator: Simulator,
  what: string,
  init: RequestInit & { projectId?: string } = {},
): Promise<Seen> {
  const [, verb] = /\/(restart|stop)$/.exec(what) ?? [];
  const url = `${simulator.url}/v1/${init.projectId ?? simulator.projectId}/visualization-jobs${what}`;
  const seen: Seen = { headers: new Headers(), text: '', failed: false };
  try {
    const response = await fetch(url, {
      method: verb === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      ...init,
    });
    seen.status = response.status;
    seen.headers = response.headers;
    seen.text = await response.text();
  } catch {
    seen.failed = true;
  }
  return seen;
}

/** Calls the API like `call`, and reads the answer as a JSON object. */
export async function callJson(...args: Parameters<typeof call>): Promise<Record<string, unknown>> {
  return JSON.parse((await call(...args)).text) as Record<string, unknown>;
}

/** The status that the detail call shows. */
export async function shownStatus(simulator: Simulator, jobId: string): Promise<unknown> {
  return (await callJson(simulator, `/${jobId}`))['status'];
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
