import type { Status } from './status.js';

/** An error of ModelArts, of its gateway or of the network. Never contains a header, because headers hold credentials. */
export interface ServiceError {
  /** Verbatim, such as `ModelArts.0105` or `APIGW.0308`; absent if the answer gave none. */
  code?: string;
  /** The service's own text, cleaned and cut, or the network's error. */
  message: string;
  httpStatus?: number;
  /** Huawei's support asks for this id. */
  requestId?: string;
}

/** One look at a job: what ModelArts showed, and when. */
export interface Reading {
  status: Status;
  /** When the look's request was started, in milliseconds since the epoch, by the worker's clock. */
  lookedAt: number;
  /** The URL at which the job is served; absent if ModelArts shows none. */
  serviceUrl?: string;
}

/**
 * The answer to a read.
 *
 * - `read`: usable.
 * - `refused`: final; asking again would change nothing (except that a 404 may pass).
 * - `again`: transient; look again, not sooner than `retryAfterMs` if given.
 */
export type ReadAnswer<T> =
  | { kind: 'read'; value: T }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'again'; error: ServiceError; retryAfterMs?: number };

/**
 * The result of a look, or of a wait for a change.
 *
 * - `read`: a reading. A wait may also end with the known status: at its deadline, or by
 *   `unchangedAtMs` or `untilRead`.
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
 * - `ambiguous`: the request may have been carried out; only a look at the job can tell.
 * - `not-sent`: nothing was done; ask again, not sooner than `retryAfterMs` if given. With `isTurn`
 *   that instant is kept for this request: ask again right then.
 */
export type RequestAnswer =
  | { kind: 'accepted' }
  | { kind: 'refused'; error: ServiceError; jobStatus?: number }
  | { kind: 'ambiguous'; error: ServiceError }
  | { kind: 'not-sent'; error: ServiceError; retryAfterMs?: number; isTurn?: boolean };
