import type { ServiceError } from '../domain/answer.js';
import { monotonicNow } from './clock.js';

/** A larger difference is not believed: whoever answered may have the wrong time. */
const LARGEST_SKEW_MS = 6 * 60 * 60_000;

/** The gateway takes signatures that are up to 15 minutes off. A smaller change would not help. */
const WORTH_A_CHANGE_MS = 60_000;

/** If the gateway's machines disagree about the time, no correction would ever be the last one. */
const MOST_CORRECTIONS = 3;
const WINDOW_MS = 5 * 60_000;

/** The gateway's texts, under several codes: apig-faq-0009, sis_04_0087. */
const EXPIRED = /signature (is )?expired/i;
const SERVER_TIME = /server time:\s*([^,;"]+)/i;
const COMPACT_TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/;

/** The clock that requests are signed by. It follows the gateway's if the machine's is wrong. */
export class SigningClock {
  #skewMs = 0;
  /** When the clock was corrected, on the monotonic clock. */
  #corrections: number[] = [];
  /** Whether a signature was taken since the last correction. */
  #isConfirmed = true;

  constructor(readonly onChange: (skewMs: number) => void) {}

  /** How far the gateway's clock is ahead of the machine's, as far as it is known. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** Milliseconds since the epoch, by the gateway's clock. */
  now(): number {
    return Date.now() + this.#skewMs;
  }

  /**
   * Corrects the clock after a refusal that says that the signature has expired.
   *
   * @param date the `Date` header of the refusal
   * @param signedWithSkewMs the clock's `skewMs` when the call was signed
   * @returns whether a signature made now may be taken
   */
  learn(error: ServiceError, date: string | undefined, signedWithSkewMs: number): boolean {
    if (!EXPIRED.test(error.message)) return false;
    if (signedWithSkewMs !== this.#skewMs) return true;
    const theirs = timeIn(SERVER_TIME.exec(error.message)?.[1] ?? '') ?? timeIn(date ?? '');
    if (theirs === undefined) return false;
    const skewMs = theirs - Date.now();
    if (Math.abs(skewMs) > LARGEST_SKEW_MS) return false;
    if (Math.abs(skewMs - this.#skewMs) < WORTH_A_CHANGE_MS) return false;
    const now = monotonicNow();
    this.#corrections = this.#corrections.filter((at) => at > now - WINDOW_MS);
    // Within 5 minutes, no second correction before a signature was taken: refusals in a row lock the key.
    const mayBeNext = this.#isConfirmed || this.#corrections.length === 0;
    if (!mayBeNext || this.#corrections.length >= MOST_CORRECTIONS) return false;
    this.#corrections.push(now);
    this.#isConfirmed = false;
    this.#skewMs = skewMs;
    this.onChange(skewMs);
    return true;
  }

  /** Notes that a signature was taken. `signedWithSkewMs` is the clock's `skewMs` at that time. */
  confirm(signedWithSkewMs: number): void {
    if (signedWithSkewMs === this.#skewMs) this.#isConfirmed = true;
  }
}

function timeIn(text: string): number | undefined {
  const time = Date.parse(text.trim().replace(COMPACT_TIME, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(time) ? undefined : time;
}
