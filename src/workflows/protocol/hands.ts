import type { LookResult, RequestAnswer, ServiceError } from '../../domain/answer.js';
import type { ChangeWait } from '../../domain/change-wait.js';

/** The two requests that change a job. */
export type RequestName = 'restart' | 'stop';

/** A call that is under way and can be given up. */
export interface Ongoing<T> {
  /** Rejects only for a fault in this program. Ignored once the call is abandoned. */
  result: Promise<T>;
  abandon(): void;
}

/** How a look ended. `lost`: Temporal gave it up, because no worker reported a result. */
export type Look = LookResult | { kind: 'lost'; error: ServiceError };

/** How a single look is made. All instants are milliseconds since the epoch. */
export interface LookFor {
  /** When the last try starts. The look ends with that try, whatever it showed. */
  deadlineMs: number;
  /** A look that still fails at this instant ends with its error, so that people can see the error. */
  answerByMs: number;
  /** Until when a 404 is waited through; absent if no look has succeeded yet. */
  goneUntilMs?: number;
}

/** What ends a wait. `Hands` adds the job and its intervals. */
export type WaitFor = Omit<ChangeWait, 'job' | 'pollIntervalMs' | 'goneGraceMs'>;

/**
 * The protocol's only way to act. The workflow implements it by activities and timers, the proof
 * (`proof/`) by a simulated world with virtual time; both run the same protocol.
 */
export interface Hands {
  /** The clock that deadlines are given in: milliseconds since the epoch. */
  now(): number;
  /** In [0, 1), to spread callers out. */
  random(): number;
  /** Whether the restart has been cancelled. Already true when the cancellation's first callback runs. */
  isCancelled(): boolean;
  /** Looks at the job by its detail endpoint. The look starts after this call. */
  look(input: LookFor): Ongoing<Look>;
  /** Waits until the job's status differs from the known one. */
  waitForChange(input: WaitFor): Ongoing<Look>;
  /** Sends a request once, not after `sendByMs`, and waits for its answer whatever happens. */
  send(request: RequestName, sendByMs: number): Promise<RequestAnswer>;
  pause(ms: number): Ongoing<unknown>;
  /** Shows the record to people, because it has changed. */
  show(): void;
  log(sentence: string, fields: object): void;
}

/** Lets a cancellation, a `checkNow` or a new deadline end the call that is waited for. */
export class Interruption {
  #isLookWanted = false;
  #isWantedLookUnderWay = false;
  #end: (() => void) | undefined;

  /** Ends the call under way, if there is one. */
  interrupt(): void {
    this.#end?.();
  }

  /** Has a look made at once. Does not interrupt a look that was asked for before. */
  wantLook(): void {
    this.#isLookWanted = true;
    if (!this.#isWantedLookUnderWay) this.interrupt();
  }

  /** Whether a look was asked for since the last one began. Resets it, because the caller looks now. */
  takeLookWanted(): boolean {
    const wanted = this.#isLookWanted;
    this.#isLookWanted = false;
    return wanted;
  }

  /** The call's result; `undefined` if it was interrupted first. */
  async unlessInterrupted<T>(ongoing: Ongoing<T>, isWantedLook: boolean): Promise<T | undefined> {
    this.#isWantedLookUnderWay = isWantedLook;
    const interrupted = new Promise<undefined>((resolve) => {
      this.#end = () => {
        ongoing.abandon();
        resolve(undefined);
      };
    });
    try {
      return await Promise.race([ongoing.result, interrupted]);
    } finally {
      this.#end = undefined;
      this.#isWantedLookUnderWay = false;
    }
  }
}
