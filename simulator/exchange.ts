import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { authenticate, type AuthenticateOptions } from './authenticate.js';
import { carryOut, pageOf, unknownJob, type Service } from './carry-out.js';
import { deliver } from './deliver.js';
import type { FaultBook } from './fault-book.js';
import { callerOf, type RateLimits } from './rate-limit.js';
import { gatewayError, modelartsError, type Reply, withRetryAfter } from './reply.js';
import type { LoggedRequest, RequestLog } from './request-log.js';
import { routeOf, type Route } from './route.js';
import type { Platform } from './platform.js';
import { strike, type Delivery } from './strike.js';

/** ModelArts and the gateway in front of it. */
export interface Gateway {
  service: Service;
  projectId: string;
  faults: FaultBook;
  rateLimits: RateLimits;
  log: RequestLog;
  authenticate: AuthenticateOptions | undefined;
  platform: Platform;
  /** Aborts the delays of exchanges in flight. */
  closing: AbortSignal;
}

/** Receives and logs one request, and answers it unless a fault prevents that. */
export async function exchange(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? '';
  const path = request.url ?? '';
  const route = routeOf(method, path);
  const entry: LoggedRequest = gateway.log.add({
    at: Date.now(),
    operation: route?.operation ?? gateway.platform.operationOf(method, path) ?? 'other',
    ...(route?.jobId && { jobId: route.jobId }),
    method,
    path,
    headers: headersOf(request),
    body: '',
    requestId: randomUUID().replaceAll('-', ''),
    outcome: 'pending',
    carriedOut: false,
  });
  try {
    entry.body = await bodyOf(request);
  } catch {
    entry.outcome = 'aborted';
    return;
  }
  const wait = (ms: number) => sleep(ms, undefined, { signal: gateway.closing });
  const ip = request.socket.remoteAddress ?? '';
  await deliver(response, await deliveryOf(gateway, route, entry, ip, wait), entry, wait);
}

async function deliveryOf(
  { service, projectId, faults, rateLimits, authenticate: keys, platform }: Gateway,
  route: Route | undefined,
  entry: LoggedRequest,
  ip: string,
  wait: (ms: number) => Promise<void>,
): Promise<Delivery> {
  /** By the clock of the cloud. */
  const now = () => Date.now() + (keys?.clockAheadMs ?? 0);
  const dated = (reply: Reply): Reply => {
    return { ...reply, headers: { ...reply.headers, date: new Date(now()).toUTCString() } };
  };
  const gatewayRefusal = (status: number, code: string, text: string) => ({
    way: 'whole' as const,
    reply: gatewayError(status, code, text, entry.requestId),
  });
  const error = (status: number, code: string, text: string, quirks = service.quirks) =>
    code.startsWith('APIG')
      ? gatewayError(status, code, text, entry.requestId)
      : modelartsError(status, code, text, quirks);
  const operation = platform.operationOf(entry.method, entry.path);
  if (operation !== undefined) {
    const { fault } = faults.take(operation, () => false);
    if (fault !== undefined) entry.fault = fault.kind;
    const isOpen = operation !== 'projects';
    const refused = isOpen
      ? undefined
      : authenticate({ ...entry, target: entry.path }, keys, platform);
    if (refused !== undefined) return gatewayRefusal(401, refused.code, refused.text);
    const carryOutHere = () => dated(platform.answer(operation, entry, now()));
    const notFound = () => error(404, 'IAM.0004', 'Not found.');
    return strike(fault, { carryOut: carryOutHere, error, notFound, wait });
  }
  const jobs = () => [...service.jobs.values()];
  const isKnown = (id: string) => id === projectId || jobs().some((job) => job.projectId === id);
  if (route === undefined || !isKnown(route.projectId)) {
    return gatewayRefusal(404, 'APIGW.0101', 'The API does not exist or has not been published');
  }
  const refusal = authenticate({ ...entry, target: entry.path }, keys, platform);
  if (refusal !== undefined) {
    const { reply } = gatewayRefusal(401, refusal.code, refusal.text);
    return { way: 'whole', reply: dated(reply) };
  }
  const over = rateLimits.take(callerOf(entry.headers, ip), Date.now());
  if (over !== undefined) {
    entry.throttled = true;
    const { reply } = gatewayRefusal(over.status, 'APIGW.0308', over.text);
    return { way: 'whole', reply: withRetryAfter(reply, over.retryAfterSeconds) };
  }

  const concerns = (jobId: string) =>
    route.operation === 'list'
      ? pageOf(service, route, entry.at)?.jobs.some(({ id }) => id === jobId)
      : route.jobId === jobId;
  const { fault, shown } = faults.take(route.operation, (jobId) => concerns(jobId) === true);
  const kind = fault?.kind ?? (shown.size > 0 ? 'show-status' : undefined);
  if (kind !== undefined) entry.fault = kind;
  const quirks = service.jobs.get(route.jobId)?.quirks ?? service.quirks;
  return strike(fault, {
    carryOut: () => {
      const { reply, carriedOut } = carryOut(service, route, shown);
      entry.carriedOut = carriedOut;
      return reply;
    },
    error: (status, code, text) => error(status, code, text, quirks),
    notFound: () => unknownJob(quirks, route),
    wait,
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request) body += chunk;
  return body;
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
  );
}
