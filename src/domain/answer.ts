import type { Status } from './status.js';

/** What is known of an error of ModelArts, of its gateway, or of the way there. Never holds a header. */
export interface ServiceError {
  /** Verbatim, such as `ModelArts.0105` or `APIGW.0308`; absent where the answer gave none. */
  code?: string;
  /** The service's own text, cleaned and cut, or what went wrong on the way there. */
  message: string;
  httpStatus?: number;
  /** To quote to Huawei's support. */
  requestId?: string;
}

/** One look at a job: what ModelArts showed, and when. */
export interface Reading {
  status: Status;
  /** When the look's request was started, in milliseconds since the epoch, by the worker's clock. */
  lookedAt: number;
  /** Where the job is served; absent where ModelArts shows none. */
  serviceUrl?: string;
}

/**
 * The answer to a read.
 *
 * - `read`: usable.
 * - `refused`: for good; asking again would change nothing (a 404 may be one of those that pass).
 * - `again`: transient; look again, not sooner than `retryAfterMs` where it is there.
 */
export type ReadAnswer<T> =
  | { kind: 'read'; value: T }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'again'; error: ServiceError; retryAfterMs?: number };

/**
 * What a look, or a wait for a change, came to.
 *
 * - `read`: a reading; after a wait it shows the known status only where the time was up.
 * - `refused`: the look was refused for good.
 * - `no-reading`: the time was up and the last look gave no usable answer.
 */
export type LookResult =
  | { kind: 'read'; reading: Reading }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'no-reading'; error: ServiceError };

/**
 * The answer to a request that changes the job (restart, stop).
 *
 * - `accepted`: ModelArts took it.
 * - `refused`: ModelArts or its gateway refused it; `jobStatus` is the number in
 *   `… job status: N` of a ModelArts.0105.
 * - `ambiguous`: it may have been carried out; only a look at the job can tell.
 * - `not-sent`: nothing was done; it may be asked again, not sooner than `retryAfterMs`.
 */
export type RequestAnswer =
  | { kind: 'accepted' }
  | { kind: 'refused'; error: ServiceError; jobStatus?: number }
  | { kind: 'ambiguous'; error: ServiceError }
  | { kind: 'not-sent'; error: ServiceError; retryAfterMs?: number };
