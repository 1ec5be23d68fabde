import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { FaultSpec, Operation } from './fault.js';
import type { RateLimit } from './rate-limit.js';
import type { Simulator } from './simulator.js';

export const CONTROL_PATH = '/_simulator/';

/**
 * Answers the control API, through which another process steers the simulator:
 *
 * - `GET jobs`, `POST jobs` (a JobSpec), `POST jobs/<id>/status` (`{"status": 8}`)
 * - `POST faults` (a FaultSpec; `"times": null` strikes every time)
 * - `POST rate-limits` (an array of RateLimit, which replaces all)
 * - `GET requests?jobId=…&operation=…`
 */
export async function control(
  simulator: Simulator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', simulator.url);
  const call = `${request.method} ${url.pathname.slice(CONTROL_PATH.length)}`;
  try {
    const [status, answer] = answerTo(simulator, call, url.searchParams, await text(request));
    send(response, status, answer);
  } catch (error) {
    send(response, 400, { error: String(error) });
  }
}

function answerTo(
  simulator: Simulator,
  call: string,
  query: URLSearchParams,
  body: string,
): [status: number, answer: unknown] {
  const [, jobId] = /^POST jobs\/(\d+)\/status$/.exec(call) ?? [];
  if (jobId !== undefined) {
    simulator.setStatus(jobId, (JSON.parse(body) as { status: number }).status);
    return [200, simulator.job(jobId)];
  }
  switch (call) {
    case 'GET jobs':
      return [200, simulator.jobs()];
    case 'POST jobs': {
      const spec = JSON.parse(body) as Parameters<Simulator['addJob']>[0];
      simulator.addJob(spec);
      return [201, simulator.job(String(spec.jobId))];
    }
    case 'POST faults': {
      const spec = JSON.parse(body) as FaultSpec & { times?: number | null };
      simulator.fault({ ...spec, times: spec.times === null ? Infinity : (spec.times ?? 1) });
      return [201, {}];
    }
    case 'POST rate-limits':
      simulator.setRateLimits(JSON.parse(body) as RateLimit[]);
      return [200, {}];
    case 'GET requests': {
      const jobId = query.get('jobId');
      const operation = query.get('operation') as Operation | null;
      return [
        200,
        simulator.requests({ ...(jobId && { jobId }), ...(operation && { operation }) }),
      ];
    }
    default:
      return [404, { error: `The control API has no ${call}` }];
  }
}

function send(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}
