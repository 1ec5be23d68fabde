import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control, CONTROL_PATH } from './control.js';
import { exchange, type Gateway } from './exchange.js';
import { FaultBook } from './fault-book.js';
import { Platform } from './platform.js';
import { SimulatedJob } from './job.js';
import { DEFAULT_QUIRKS } from './quirks.js';
import { RateLimits } from './rate-limit.js';
import { RequestLog } from './request-log.js';
import type { Simulator, SimulatorOptions } from './simulator.js';
import { checkedTimeline } from './timeline.js';

const PROJECT_ID = '0123456789abcdef0123456789abcdef';

/** Longer than any test is idle, because a connection that the server ends looks like a fault. */
const KEEP_ALIVE_MS = 120_000;

/** IAM's tokens may be longer than Node's limit of 16 KiB. */
const MAX_HEAD_BYTES = 256 * 1024;

/** Starts a simulated ModelArts on 127.0.0.1. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const projectId = options.projectId ?? PROJECT_ID;
  const quirks = { ...DEFAULT_QUIRKS, ...options.quirks };
  const jobs = new Map<string, SimulatedJob>();
  const faults = new FaultBook();
  const rateLimits = new RateLimits();
  rateLimits.replace(options.rateLimits ?? []);
  const log = new RequestLog();
  const platform = new Platform(options);
  const closing = new AbortController();
  const gateway: Gateway = {
    service: { jobs, quirks },
    projectId,
    faults,
    rateLimits,
    log,
    authenticate: options.authenticate,
    platform,
    closing: closing.signal,
  };

  const limits = { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEAD_BYTES };
  const server = createServer(limits, (request, response) => {
    const answered = request.url?.startsWith(CONTROL_PATH)
      ? control(simulator, request, response)
      : exchange(gateway, request, response);
    answered.catch((error: unknown) => reportBug(error, request, response, closing.signal));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  const jobOf = (jobId: string): SimulatedJob => {
    const job = jobs.get(jobId);
    if (job === undefined) throw new Error(`The simulator has no job ${jobId}`);
    return job;
  };
  const simulator: Simulator = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    projectId,
    addJob(spec) {
      const job = new SimulatedJob(spec, { projectId, quirks });
      jobs.set(job.id, job);
    },
    job: (jobId) => jobOf(jobId).view(Date.now()),
    jobs: () => [...jobs.values()].map((job) => job.view(Date.now())),
    setStatus: (jobId, status) => jobOf(jobId).setStatus(status, Date.now()),
    setTimeline(jobId, which, steps) {
      jobOf(jobId).timelines[which] = checkedTimeline(steps);
    },
    fault: (spec) => faults.install(spec),
    endCredentials() {
      platform.iam?.endTokens();
      platform.metadata?.endKeys();
    },
    setRateLimits: (limits) => rateLimits.replace(limits),
    requests: (filter) => log.read(filter),
    acceptedRestarts: (jobId) => jobOf(jobId).accepted.restart,
    clear() {
      faults.clear();
      log.clear();
    },
    async close() {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return simulator;
}

/** Reports a bug of the simulator, so that nobody takes it for an injected fault. */
function reportBug(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): void {
  if (closing.aborted) return;
  console.error(`The simulator failed at ${request.method} ${request.url}`, error);
  response.destroy();
}
