import type { JobRef, ReadAnswer, Reading, RequestAnswer } from '../domain/answer.js';
import { readAnswer, requestAnswer } from './answers.js';
import { assertSendable, authenticate, type Credentials } from './credentials.js';
import { originOf } from './endpoint.js';
import { exchange, type Exchange, type ExchangeRequest } from './exchange.js';
import { readDetail, readListPage, type ListPage } from './job-body.js';
import { createFreshLane, createSharedLane } from './lane.js';
import { jobPath, jobsPath, type ListQuery, pageOf } from './paths.js';
import { createScrub } from './scrub.js';

export type { Credentials } from './credentials.js';
export type { ListedJob, ListPage } from './job-body.js';
export type { ListQuery } from './paths.js';

/**
 * ModelArts' visualization jobs.
 *
 * Whatever the service or the network does becomes an answer. A method rejects only with the
 * reason of the caller's own signal, or with a `TypeError` for an id that can't stand in a path.
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
/** Reads and requests have sockets of their own, so that a restart never queues behind looks. */
const READ_SOCKETS = 8;
const REQUEST_SOCKETS = 8;
/** An answer about one job is below 2 kB, an error page below a few hundred. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A page of 1000 jobs has some 500 kB; with descriptions of 256 wide characters, up to 3 MB. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

export function createModelArtsClient(options: ModelArtsClientOptions): ModelArtsClient {
  const { credentials, requestTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const origin = originOf(options.endpoint);
  assertSendable(credentials);
  const scrub = createScrub(credentials);
  const reads = createSharedLane(READ_SOCKETS);
  const requests = createFreshLane(REQUEST_SOCKETS);

  const underWay = new Set<Promise<Exchange>>();
  let closing: Promise<void> | undefined;

  async function call(
    method: 'GET' | 'POST',
    projectId: string,
    path: string,
    limits: Pick<ExchangeRequest, 'maxBodyBytes' | 'startBy' | 'endBy' | 'signal'>,
  ): Promise<Exchange> {
    const url = new URL(path, origin);
    if (closing)
      return { kind: 'lost', started: false, reason: 'client closed', httpStatus: undefined };
    const exchanging = exchange(method === 'GET' ? reads : requests, {
      method,
      url,
      headers: () => ({
        'content-type': 'application/json',
        'user-agent': 'modelarts-restarter',
        ...authenticate({ method, url, projectId }, credentials, Date.now()),
      }),
      timeoutMs: requestTimeoutMs,
      ...limits,
    });
    underWay.add(exchanging);
    try {
      return await exchanging;
    } finally {
      underWay.delete(exchanging);
    }
  }

  async function request(
    action: 'restart' | 'stop',
    job: JobRef,
    sendBy = Date.now() + requestTimeoutMs,
  ): Promise<RequestAnswer> {
    const limits = { maxBodyBytes: MAX_BODY_BYTES, startBy: sendBy };
    const path = jobPath(job, action);
    return requestAnswer(await call('POST', job.projectId, path, limits), scrub);
  }

  /** undici's own `close` would wait for sockets that are still being connected. */
  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await Promise.all([reads.close(), requests.close()]);
  }

  return {
    requestTimeoutMs,
    async detail(job, { signal } = {}) {
      const endBy = Date.now() + requestTimeoutMs;
      const limits = { maxBodyBytes: MAX_BODY_BYTES, startBy: endBy, endBy, signal };
      const answer = await call('GET', job.projectId, jobPath(job), limits);
      return readAnswer(
        answer,
        (body, lookedAt) => readDetail(body, job.jobId, { lookedAt, scrub }),
        scrub,
      );
    },
    async list(projectId, query, { signal } = {}) {
      const page = pageOf(query);
      const endBy = Date.now() + requestTimeoutMs;
      const limits = { maxBodyBytes: MAX_LIST_BYTES, startBy: endBy, endBy, signal };
      const answer = await call('GET', projectId, jobsPath(projectId, query), limits);
      return readAnswer(
        answer,
        (body, lookedAt) => readListPage(body, page, { lookedAt, scrub }),
        scrub,
      );
    },
    restart: (job, { sendBy } = {}) => request('restart', job, sendBy),
    stop: (job, { sendBy } = {}) => request('stop', job, sendBy),
    close: () => (closing ??= close()),
  };
}
