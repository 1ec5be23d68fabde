import { Agent } from 'undici';
import type { JobRef, ReadAnswer, Reading, RequestAnswer } from '../domain/answer.js';
import { readAnswer, requestAnswer } from './answers.js';
import { monotonicNow } from './clock.js';
import { assertSendable, authenticate, type Credentials } from './credentials.js';
import { originOf } from './endpoint.js';
import { exchange, type Exchange, type ExchangeRequest, type Lane } from './exchange.js';
import { createGate, type Gate } from './gate.js';
import { readDetail, readListPage, type ListPage } from './job-body.js';
import { jobPath, jobsPath, type ListQuery, pageOf } from './paths.js';
import { createScrub } from './scrub.js';
import { Throttle, type HeldBack, type Pause } from './throttle.js';

export type { Credentials } from './credentials.js';
export type { ListedJob, ListPage } from './job-body.js';
export type { ListQuery } from './paths.js';

/**
 * ModelArts' visualization jobs.
 *
 * Whatever the service or the network does becomes an answer. A method rejects only with the
 * reason of the caller's own signal, or with a `TypeError` for an id that can't stand in a path.
 *
 * While ModelArts throttles a project, nothing is sent for it: reads are answered `again` and
 * requests `not-sent`, at once.
 */
export interface ModelArtsClient {
  /** Looks at one job; answers within `requestTimeoutMs`. */
  detail(job: JobRef, options?: { signal?: AbortSignal }): Promise<ReadAnswer<Reading>>;
  /** Looks at a page of a project's jobs, by ascending job id; answers within `requestTimeoutMs`. */
  list(
    projectId: string,
    query: ListQuery,
    options?: { signal?: AbortSignal },
  ): Promise<ReadAnswer<ListPage>>;
  /**
   * Asks for a restart, once; answers within `requestTimeoutMs` after `sendBy`.
   *
   * `sendBy` (milliseconds since the epoch, default `requestTimeoutMs` from now): a request that
   * could not be started on a socket before that instant never is, and the answer is `not-sent`.
   */
  restart(job: JobRef, options?: { sendBy?: number }): Promise<RequestAnswer>;
  /** Asks for a stop; otherwise as `restart`. */
  stop(job: JobRef, options?: { sendBy?: number }): Promise<RequestAnswer>;
  /** The feed's pause where this project is throttled now. Calls that were held back may go sooner. */
  pauseOf(projectId: string): Pause | undefined;
  /** The deadline of one HTTP exchange, body included. */
  readonly requestTimeoutMs: number;
  /** Waits for the exchanges under way, then closes the sockets. */
  close(): Promise<void>;
}

export interface ModelArtsClientOptions {
  /** `https://modelarts.cn-north-4.myhuaweicloud.com`; `http` on a loopback host only. */
  endpoint: string;
  credentials: Credentials;
  /** Default 20000. */
  requestTimeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Reads and requests have sockets of their own, so that a restart never queues behind looks. */
const READ_SOCKETS = 8;
const REQUEST_SOCKETS = 8;
/** An answer about one job is below 2 kB, an error page below a few hundred. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A page of 1000 jobs has some 500 kB; with descriptions of 256 wide characters, up to 3 MB. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

const CLOSED = {
  kind: 'lost',
  started: false,
  reason: 'client closed',
  httpStatus: undefined,
} as const satisfies Exchange;

export function createModelArtsClient(options: ModelArtsClientOptions): ModelArtsClient {
  const { credentials, requestTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const origin = originOf(options.endpoint);
  assertSendable(credentials);
  const scrub = createScrub(credentials);
  const reads = createLane(READ_SOCKETS, { keepAlive: true });
  // A kept socket that the service closes just then would leave a restart's fate unknown.
  const requests = createLane(REQUEST_SOCKETS, { keepAlive: false });

  const throttle = new Throttle();
  const underWay = new Set<Promise<Exchange>>();
  let closing: Promise<void> | undefined;

  /** Sends a call when it has its place, unless its project is throttled by then. */
  async function call<A extends ReadAnswer<unknown> | RequestAnswer>(
    method: 'GET' | 'POST',
    projectId: string,
    path: string,
    limits: Pick<ExchangeRequest, 'maxBodyBytes' | 'startBy' | 'endBy' | 'signal'>,
    answerOf: { exchange: (exchange: Exchange) => A; heldBack: (why: HeldBack) => A },
  ): Promise<A> {
    const url = new URL(path, origin);
    if (closing) return answerOf.exchange(CLOSED);
    const { agent, gate } = method === 'GET' ? reads : requests;
    let leave: (() => void) | undefined;
    let startedAt: number | undefined;
    let heldBack: HeldBack | undefined;
    const enter: Gate['enter'] = async (signal) => {
      leave = await gate.enter(signal);
      startedAt = monotonicNow();
      heldBack = throttle.heldBack(projectId);
      if (heldBack !== undefined) throw new Error('held back');
      // Left below, where the throttle knows the answer: the next in line asks it.
      return () => undefined;
    };
    const exchanging = exchange(
      { agent, gate: { enter } },
      {
        method,
        url,
        headers: () => ({
          'content-type': 'application/json',
          'user-agent': 'modelarts-restarter',
          ...authenticate({ method, url, projectId }, credentials, Date.now()),
        }),
        timeoutMs: requestTimeoutMs,
        ...limits,
      },
    );
    underWay.add(exchanging);
    try {
      const exchanged = await exchanging;
      if (heldBack !== undefined) return answerOf.heldBack(heldBack);
      const answer = answerOf.exchange(exchanged);
      if (startedAt !== undefined) throttle.learn(projectId, answer, startedAt);
      return answer;
    } finally {
      leave?.();
      underWay.delete(exchanging);
    }
  }

  async function request(
    action: 'restart' | 'stop',
    job: JobRef,
    startBy = Date.now() + requestTimeoutMs,
  ): Promise<RequestAnswer> {
    const limits = { maxBodyBytes: MAX_BODY_BYTES, startBy };
    return call<RequestAnswer>('POST', job.projectId, jobPath(job, action), limits, {
      exchange: (exchanged) => requestAnswer(exchanged, scrub),
      heldBack: (why) => ({ kind: 'not-sent', ...why }),
    });
  }

  async function look<T>(
    projectId: string,
    path: string,
    { maxBodyBytes, signal }: Pick<ExchangeRequest, 'maxBodyBytes' | 'signal'>,
    read: (body: unknown, lookedAt: number) => T | undefined,
  ): Promise<ReadAnswer<T>> {
    const endBy = Date.now() + requestTimeoutMs;
    const limits = { maxBodyBytes, startBy: endBy, endBy, signal };
    return call<ReadAnswer<T>>('GET', projectId, path, limits, {
      exchange: (exchanged) => readAnswer(exchanged, read, scrub),
      heldBack: (why) => ({ kind: 'again', ...why }),
    });
  }

  /** undici's own `close` would wait for sockets that are still being connected. */
  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await Promise.all([reads.agent.destroy(), requests.agent.destroy()]);
  }

  return {
    requestTimeoutMs,
    async detail(job, { signal } = {}) {
      const limits = { maxBodyBytes: MAX_BODY_BYTES, signal };
      return look(job.projectId, jobPath(job), limits, (body, lookedAt) =>
        readDetail(body, job.jobId, { lookedAt, scrub }),
      );
    },
    async list(projectId, query, { signal } = {}) {
      const page = pageOf(query);
      const limits = { maxBodyBytes: MAX_LIST_BYTES, signal };
      return look(projectId, jobsPath(projectId, query), limits, (body, lookedAt) =>
        readListPage(body, page, { lookedAt, scrub }),
      );
    },
    restart: (job, { sendBy } = {}) => request('restart', job, sendBy),
    stop: (job, { sendBy } = {}) => request('stop', job, sendBy),
    pauseOf: (projectId) => throttle.pauseOf(projectId),
    close: () => (closing ??= close()),
  };
}

/** The exchange has a deadline of its own, so undici's clocks for head and body are off. */
function createLane(sockets: number, { keepAlive }: { keepAlive: boolean }): Lane {
  const agent = new Agent({
    connections: sockets,
    pipelining: keepAlive ? 1 : 0,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { agent, gate: createGate(sockets) };
}
