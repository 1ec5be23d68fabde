import type { LookResult, RequestAnswer, ServiceError } from '../../domain/answer.js';
import type { ChangeWait } from '../../domain/change-wait.js';

/** The two requests that change a job. */
export type RequestName = 'restart' | 'stop';

/** A call that is under way and can be given up. */
export interface Ongoing<T> {
  /** Never rejects while the call is wanted; ignored once it is abandoned. */
  result: Promise<T>;
  abandon(): void;
}

/** What a look came to. `lost`: Temporal gave it up, because no worker told what it saw. */
export type Look = LookResult | { kind: 'lost'; error: ServiceError };

/** How a single look is made. All instants are milliseconds since the epoch. */
export interface LookFor {
  /** The last try starts now; then the look ends, whatever it saw. */
  deadlineMs: number;
  /** A look that still fails at this instant ends with its error, so that it can be shown. */
  answerByMs: number;
  /** Until then a 404 is waited through; absent where no look has succeeded yet. */
  goneUntilMs?: number;
}

/** What a wait ends on; the hands know the job and the intervals. */
export type WaitFor = Omit<ChangeWait, 'job' | 'pollIntervalMs' | 'goneGraceMs'>;

/**
 * All that the protocol acts with. In the workflow these are activities and timers; in the proof
 * (`proof/`) they are a simulated world with virtual time. The protocol itself is the same code.
 */
export interface Hands {
  /** The clock that deadlines are given in: milliseconds since the epoch. */
  now(): number;
  /** In [0, 1), to spread callers out. */
  random(): number;
  /** Whether the restart has been cancelled. True from the same instant on, before any callback. */
  isCancelled(): boolean;
  /** Looks at the job by its detail endpoint. The look starts after this call. */
  look(input: LookFor): Ongoing<Look>;
  /** Waits until the job's status differs from the known one. */
  waitForChange(input: WaitFor): Ongoing<Look>;
  /** Sends a request once, not after `sendByMs`, and waits for its answer whatever happens. */
  send(request: RequestName, sendByMs: number): Promise<RequestAnswer>;
  pause(ms: number): Ongoing<unknown>;
  /** The record has changed: shows it to people. */
  show(): void;
  log(sentence: string, fields: object): void;
}
