import type { FaultKind, Operation, PlatformOperation } from './fault.js';

/** One request as it arrived, and what became of it. */
export interface LoggedRequest {
  /** When its head arrived, in ms since the epoch. */
  at: number;
  /** `other` if it is none of the API's calls. */
  operation: Operation | PlatformOperation | 'other';
  /** Absent for the list and for `other`. */
  jobId?: string;
  method: string;
  /** With the query, as it was sent. */
  path: string;
  /** Lower-case names. Secrets are included, so that tests can look for them. */
  headers: Record<string, string>;
  body: string;
  /** The `X-Request-Id` of the answer. */
  requestId: string;
  /**
   * The HTTP status that was sent, or `lost` (no answer, connection destroyed), `reset` (connection
   * reset in mid-body), `hung` (no answer or half of one, connection open), `aborted` (the client
   * went away first), `pending` (not answered yet).
   */
  outcome: number | 'lost' | 'reset' | 'hung' | 'aborted' | 'pending';
  /** Whether a restart or a stop was accepted; always false for other requests. */
  carriedOut: boolean;
  /** The fault that struck the request. */
  fault?: FaultKind;
  /** Whether a rate limit of the gateway refused it. */
  throttled?: true;
}

/** Beyond this the oldest are dropped, so that a simulator can run for days in bounded memory. */
const MAX_ENTRIES = 200_000;

export class RequestLog {
  #entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): LoggedRequest {
    if (this.#entries.length >= MAX_ENTRIES) this.#entries.splice(0, MAX_ENTRIES / 10);
    this.#entries.push(entry);
    return entry;
  }

  /** Copies of the entries, in order of arrival. */
  read(filter: { jobId?: string; operation?: LoggedRequest['operation'] } = {}): LoggedRequest[] {
    return this.#entries
      .filter(
        ({ jobId, operation }) =>
          (filter.jobId === undefined || jobId === filter.jobId) &&
          (filter.operation === undefined || operation === filter.operation),
      )
      .map((entry) => ({ ...entry }));
  }

  clear(): void {
    this.#entries = [];
  }
}
