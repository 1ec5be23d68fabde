import type { ServiceError } from '../domain/answer.js';
import { orAborted } from '../domain/or-aborted.js';
import { monotonicNow } from './clock.js';

/** The gateway locks an access key for 5 minutes after more than 5 failures in a row (apig-faq-0003). */
export const MOST_REFUSALS = 2;
const WINDOW_MS = 5 * 60_000;

/** The gateway's text for a key that it has locked already (sis_04_0082). */
const LOCKED = /failed to reach the limit/i;

type CallKind = 'look' | 'request';

/** What a call has shown about its key. `unknown`: its answer came from elsewhere, or not at all. */
export type Shown = { kind: 'taken' | 'unknown' } | { kind: 'refused'; error: ServiceError };

/**
 * Keeps an access key from being locked: at most two calls with it are refused in 5 minutes; one, if the access key
 * was refused with another secret shortly before.
 *
 * Until the gateway has taken the key once, at most one look and one request are under way; after a
 * refusal, one call in all. The request has a place of its own, so that it does not wait for looks that
 * stall. After two refusals nothing is sent for 5 minutes. Then one call tries the key.
 */
export class KeyBreaker {
  #isProven = false;
  #mostRefusals: number;
  readonly #underWay = { look: 0, request: 0 };
  /** When calls were refused, on the monotonic clock. */
  #refusals: number[] = [];
  #open: { untilMs: number; error: ServiceError } | undefined;
  readonly #waiting = new Set<() => void>();

  /** @param mostRefusals fewer where the gateway has refused the access key with another secret a moment ago */
  constructor(
    readonly accessKey: string,
    readonly onChange: (state: 'open' | 'closed', error: ServiceError) => void,
    mostRefusals: number,
  ) {
    this.#mostRefusals = mostRefusals;
  }

  /** Whether a call was refused within the last 5 minutes. */
  get wasRefused(): boolean {
    return this.#recent().length > 0;
  }

  /** The refusal that opened the breaker, and for how long it is open; `undefined` while it is closed. */
  get refusal(): { error: ServiceError; forMs: number } | undefined {
    if (this.#open === undefined) return undefined;
    return { error: this.#open.error, forMs: this.#open.untilMs - monotonicNow() };
  }

  /**
   * Waits until a call may be signed with the key. Rejects with the signal's reason.
   *
   * @returns the function to call with what the call has shown; or, without a call, why the key is not used
   */
  async enter(
    kind: CallKind,
    signal: AbortSignal,
  ): Promise<((shown: Shown) => void) | ServiceError> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#open !== undefined && monotonicNow() < this.#open.untilMs) return this.#open.error;
      if (this.#isProven || this.#mayTry(kind)) return this.#begin(kind);
      await orAborted(new Promise<void>((wake) => this.#waiting.add(wake)), signal);
    }
  }

  /** Lets few calls go first again, because something has changed that may have the key refused. */
  doubt(): void {
    this.#isProven = false;
  }

  #mayTry(kind: CallKind): boolean {
    const most = this.#mayBeRefused();
    const { look, request } = this.#underWay;
    return look + request < most && (most === 1 || this.#underWay[kind] === 0);
  }

  #mayBeRefused(): number {
    return this.#open === undefined ? this.#mostRefusals - this.#recent().length : 1;
  }

  #recent(): number[] {
    const since = monotonicNow() - WINDOW_MS;
    this.#refusals = this.#refusals.filter((at) => at > since);
    return this.#refusals;
  }

  #begin(kind: CallKind): (shown: Shown) => void {
    const startedAt = monotonicNow();
    this.#underWay[kind] += 1;
    let isOver = false;
    return (shown) => {
      if (isOver) return;
      isOver = true;
      this.#underWay[kind] -= 1;
      if (shown.kind === 'refused') this.#refused(shown.error);
      // A call from before the last refusal shows nothing about the time after it.
      else if (shown.kind === 'taken' && startedAt >= (this.#refusals.at(-1) ?? 0)) this.#taken();
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    };
  }

  #taken(): void {
    this.#isProven = true;
    this.#mostRefusals = MOST_REFUSALS;
    this.#refusals = [];
    if (this.#open === undefined) return;
    const { error } = this.#open;
    this.#open = undefined;
    this.onChange('closed', error);
  }

  #refused(error: ServiceError): void {
    this.#isProven = false;
    const mostMore = this.#mayBeRefused() - 1;
    const now = monotonicNow();
    this.#refusals.push(now);
    const wasOpen = this.#open !== undefined;
    if (!wasOpen && mostMore > 0 && !LOCKED.test(error.message)) return;
    this.#open = { untilMs: now + WINDOW_MS, error };
    if (!wasOpen) this.onChange('open', error);
  }
}
