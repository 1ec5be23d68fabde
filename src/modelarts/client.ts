import type { ReadAnswer, Reading, RequestAnswer } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import { readAnswer, requestAnswer } from './answers.js';
import { Budget } from './budget.js';
import { type Answered, type Call, createCalls, noRoom } from './calls.js';
import { monotonicNow } from './clock.js';
import { createCredentialsProvider, type CredentialsProvider } from './credentials-provider.js';
import { credentialsOf, type CredentialSettings } from './credentials-of.js';
import type { CredentialsReport } from './credentials-source.js';
import { type DefaultProject, projectFinder, type ProjectLookUp } from './default-project.js';
import { type ListPage, readDetail, readListPage } from './job-body.js';
import { jobPath, jobsPath, type ListQuery, originOf, pageOf } from './urls.js';
import type { RateLimit } from './rate-limit.js';
import { reportTrouble, type Trouble } from './report-trouble.js';
import { createScrub } from './scrub.js';
import { type Pause, Throttle } from './throttle.js';

export type { Answered } from './calls.js';
export type { Credentials } from './credentials.js';
export type { CredentialSettings } from './credentials-of.js';

/**
 * ModelArts' visualization jobs.
 *
 * Whatever the service or the network does becomes an answer. A method rejects only with a
 * `TypeError`, for an id that can't stand in a path.
 *
 * While ModelArts throttles a project, nothing is sent for it: reads are answered `again` and
 * requests `not-sent`, at once.
 */
export interface ModelArtsClient {
  /** Looks at one job; answers within `requestTimeoutMs`. */
  detail(job: JobRef): Promise<ReadAnswer<Reading>>;
  /**
   * Looks at a page of a project's jobs, by ascending job id; answers within `requestTimeoutMs`.
   * Before that, it waits for room in the budget for `roomWithinMs` at most; default not at all.
   */
  list(
    projectId: string,
    query: ListQuery,
    options?: { roomWithinMs?: number },
  ): Promise<ReadAnswer<ListPage>>;
  /**
   * Asks for a restart, once; answers within `requestTimeoutMs` after `sendBy`.
   *
   * `sendBy` (milliseconds since the epoch, default `requestTimeoutMs` from now): if the request has
   * not started on a socket by that instant, it is never sent, and the answer is `not-sent`.
   */
  restart(job: JobRef, options?: { sendBy?: number }): Promise<RequestAnswer>;
  /** Asks for a stop; otherwise like `restart`. */
  stop(job: JobRef, options?: { sendBy?: number }): Promise<RequestAnswer>;
  /**
   * Until when the feed makes no look at this project's jobs: it is throttled, or the budget has no
   * room for a look. Calls that were held back may go sooner.
   */
  pauseOf(projectId: string): Pause | undefined;
  /** How long the longest pause of a throttled project still lasts; 0 if nothing pauses. */
  longestPauseMs(): number;
  /** The calls that the credentials may make; shared by all projects. */
  readonly budget: Budget;
  /** How the credentials are, and the project that they are for. */
  readonly credentials: Pick<CredentialsProvider, 'state' | 'prepare'>;
  /** The project of jobs whose input names none, as the credentials or IAM tell it. */
  defaultProject(): Promise<DefaultProject>;
  /** The deadline of one HTTP exchange, body included. */
  readonly requestTimeoutMs: number;
  /** Waits for the exchanges under way, then closes the sockets. */
  close(): Promise<void>;
}

export interface ModelArtsClientOptions {
  /** `https://modelarts.cn-north-4.myhuaweicloud.com`; `http` on a loopback host only. */
  endpoint: string;
  credentials: CredentialSettings;
  /** Where the credentials come from, for log and messages; default their kind. */
  credentialsFrom?: string;
  /** How to find the default project by its name. */
  projectLookUp?: ProjectLookUp;
  /** Default 20000. */
  requestTimeoutMs?: number;
  /** The gateway's limits, where they are known beforehand. */
  rateLimits?: readonly RateLimit[];
  /** Called with words for the limit when it, or this worker's share of it, changes. */
  onRateLimit?: (words: string | undefined) => void;
  /** Called once when a project's looks begin to fail, and once when they work again. */
  onTrouble?: (trouble: Trouble) => void;
  /** Called once for each change of the credentials: refused, taken again, renewed. */
  onCredentials?: CredentialsReport;
  /** Called after each exchange, with what it means and how long it took. */
  onAnswer?: (answered: Answered) => void;
}

const DEFAULT_TIMEOUT_MS = 20_000;
/** An answer about one job has less than 2 kB, an error page at most a few hundred kB. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A page of 1000 jobs has some 500 kB; with descriptions of 256 wide characters, up to 3 MB. */
const MAX_LIST_BYTES = 4 * 1024 * 1024;

export function createModelArtsClient(options: ModelArtsClientOptions): ModelArtsClient {
  const { requestTimeoutMs = DEFAULT_TIMEOUT_MS, onTrouble, onCredentials } = options;
  const origin = originOf(options.endpoint);
  const { credentialsFrom: from = options.credentials.kind } = options;
  const report = onCredentials ?? (() => undefined);
  const source = credentialsOf(options.credentials, { from, timeoutMs: requestTimeoutMs, report });
  const credentials = createCredentialsProvider(source, report);
  const scrub = createScrub(() => credentials.secrets());
  const defaultProject = projectFinder({
    lookUp: options.projectLookUp,
    ...{ credentials, timeoutMs: requestTimeoutMs, scrub, report },
  });
  const throttle = new Throttle();
  const budget = new Budget(options.rateLimits, options.onRateLimit);
  const countLook = onTrouble && reportTrouble(new URL(origin).host, onTrouble);
  const timeoutMs = requestTimeoutMs;
  const { onAnswer } = options;
  const calls = createCalls({ origin, credentials, timeoutMs, throttle, budget, onAnswer });

  async function request(
    action: 'restart' | 'stop',
    job: JobRef,
    startBy = Date.now() + requestTimeoutMs,
  ): Promise<RequestAnswer> {
    const { projectId } = job;
    const path = jobPath(job, action);
    const call = { projectId, path, maxBodyBytes: MAX_BODY_BYTES, startBy };
    return calls.make<RequestAnswer>(
      { method: 'POST', operation: action, ...call },
      {
        exchange: (exchanged) => requestAnswer(exchanged, scrub),
        heldBack: (why) => ({ kind: 'not-sent', ...why }),
        refused: (error) => ({ kind: 'refused', error }),
      },
    );
  }

  async function look<T>(
    call: Pick<Call, 'operation' | 'projectId' | 'path' | 'maxBodyBytes' | 'roomWithinMs'>,
    read: (body: unknown, lookedAt: number) => T | undefined,
  ): Promise<ReadAnswer<T>> {
    const endBy = Date.now() + requestTimeoutMs + (call.roomWithinMs ?? 0);
    return calls.make<ReadAnswer<T>>(
      { method: 'GET', ...call, startBy: endBy, endBy },
      {
        exchange: (exchanged) => {
          const answer = readAnswer(exchanged, read, scrub);
          countLook?.(call.projectId, answer);
          return answer;
        },
        heldBack: (why) => ({ kind: 'again', ...why }),
        refused: (error) => ({ kind: 'refused', error }),
      },
    );
  }

  function pauseOf(projectId: string): Pause | undefined {
    const pause = throttle.pauseOf(projectId);
    const until = budget.nextLookAt();
    const inMs = until - monotonicNow();
    if (inMs <= 0 || (pause !== undefined && pause.until >= until)) return pause;
    return { until, error: noRoom(budget, inMs), isPace: true };
  }

  return {
    requestTimeoutMs,
    budget,
    credentials,
    defaultProject,
    async detail(job) {
      const { projectId, jobId } = job;
      const path = jobPath(job);
      const call = { operation: 'detail' as const, projectId, path, maxBodyBytes: MAX_BODY_BYTES };
      return look(call, (body, lookedAt) => readDetail(body, jobId, { lookedAt, scrub }));
    },
    async list(projectId, query, { roomWithinMs = 0 } = {}) {
      const page = pageOf(query);
      const path = jobsPath(projectId, query);
      const limits = { maxBodyBytes: MAX_LIST_BYTES, roomWithinMs };
      const call = { operation: 'list' as const, projectId, path, ...limits };
      return look(call, (body, lookedAt) => readListPage(body, page, { lookedAt, scrub }));
    },
    restart: (job, { sendBy } = {}) => request('restart', job, sendBy),
    stop: (job, { sendBy } = {}) => request('stop', job, sendBy),
    pauseOf,
    longestPauseMs: () => throttle.longestPauseMs(),
    async close() {
      await calls.close();
      await credentials.close();
    },
  };
}
