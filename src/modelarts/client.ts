import { Agent } from 'undici';
import type { ReadAnswer, Reading, RequestAnswer } from '../domain/answer.js';
import { readAnswer, requestAnswer } from './answers.js';
import { assertSendable, authenticate, type Credentials } from './credentials.js';
import { originOf } from './endpoint.js';
import { exchange, type Exchange, type ExchangeRequest, type Lane } from './exchange.js';
import { createGate } from './gate.js';
import { readDetail, readListPage, type ListPage } from './job-body.js';
import { createScrub } from './scrub.js';
import { canonicalQuery } from './signing.js';

export type { Credentials } from './credentials.js';
export type { ListedJob, ListPage } from './job-body.js';

export interface JobRef {
  projectId: string;
  jobId: string;
}

/** Which jobs a page of the list shows. */
export interface ListQuery {
  /** The first page is 1, the default. */
  page?: number;
  /** At most 1000, the default; some documents say 100, so count what came. */
  perPage?: number;
  /** Jobs of other workspaces than this one do not show; the service's default is `0`. */
  workspaceId?: string;
  /** Only jobs of this status. */
  status?: number;
  /** Only jobs that match, by name for example; at most 64 characters. */
  searchContent?: string;
}

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
const CONNECT_TIMEOUT_MS = 5_000;
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
  const reads = createLane(READ_SOCKETS, { keepAlive: true });
  // A kept socket that the service closes just then would leave a restart's fate unknown.
  const requests = createLane(REQUEST_SOCKETS, { keepAlive: false });

  function call(
    method: 'GET' | 'POST',
    projectId: string,
    path: string,
    limits: Pick<ExchangeRequest, 'maxBodyBytes' | 'startBy' | 'endBy' | 'signal'>,
  ): Promise<Exchange> {
    const url = new URL(`/v1/${segment(projectId)}/visualization-jobs${path}`, origin);
    return exchange(method === 'GET' ? reads : requests, {
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
  }

  async function request(
    action: 'restart' | 'stop',
    job: JobRef,
    sendBy = Date.now() + requestTimeoutMs,
  ): Promise<RequestAnswer> {
    const limits = { maxBodyBytes: MAX_BODY_BYTES, startBy: sendBy };
    const path = `/${segment(job.jobId)}/${action}`;
    return requestAnswer(await call('POST', job.projectId, path, limits), scrub);
  }

  return {
    requestTimeoutMs,
    async detail(job, { signal } = {}) {
      const endBy = Date.now() + requestTimeoutMs;
      const limits = { maxBodyBytes: MAX_BODY_BYTES, startBy: endBy, endBy, signal };
      const answer = await call('GET', job.projectId, `/${segment(job.jobId)}`, limits);
      return readAnswer(
        answer,
        (body, lookedAt) => readDetail(body, job.jobId, { lookedAt, scrub }),
        scrub,
      );
    },
    async list(projectId, query, { signal } = {}) {
      const page = { page: query.page ?? 1, perPage: query.perPage ?? 1000 };
      const endBy = Date.now() + requestTimeoutMs;
      const limits = { maxBodyBytes: MAX_LIST_BYTES, startBy: endBy, endBy, signal };
      const answer = await call('GET', projectId, `?${listParameters(query, page)}`, limits);
      return readAnswer(
        answer,
        (body, lookedAt) => readListPage(body, page, { lookedAt, scrub }),
        scrub,
      );
    },
    restart: (job, { sendBy } = {}) => request('restart', job, sendBy),
    stop: (job, { sendBy } = {}) => request('stop', job, sendBy),
    async close() {
      await Promise.all([reads.agent.close(), requests.agent.close()]);
    },
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

/** Ids are letters and digits; anything else could lead to another path. */
function segment(id: string): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new TypeError('not an id of a project or a job');
  return id;
}

function listParameters(
  query: ListQuery,
  { page, perPage }: { page: number; perPage: number },
): string {
  const { status, searchContent, workspaceId } = query;
  const parameters: [string, string][] = [
    ['page', String(page)],
    ['per_page', String(perPage)],
    // A stable order, so that pages do not shift when a job changes its name or status.
    ['sortBy', 'job_id'],
    ['order', 'asc'],
  ];
  if (status !== undefined) parameters.push(['status', String(status)]);
  if (searchContent !== undefined) parameters.push(['search_content', searchContent]);
  if (workspaceId !== undefined) parameters.push(['workspace_id', workspaceId]);
  return canonicalQuery(parameters);
}
