import { monotonicNow } from './clock.js';
import { inWords, type RateLimit } from './rate-limit.js';

/** The smallest share of a limit that is used, however many others use the same key. */
const SMALLEST_SHARE = 0.05;

/** A look and a request: with one call per period, no fresh look could precede a request. */
const LEAST_CALLS = 2;

/** The share is halved again only after this part of the limit's period. */
const PATIENCE = 1 / 8;

/** What the share grows by in each period of the limit without a refusal. */
const GROWTH = 0.1;

/**
 * This worker guesses a limit after so many refusals in a minute that name none, if it made so many calls
 * in that minute. A single refusal may be a hiccup, for which the pause after it is enough.
 */
const UNNAMED_REFUSALS = 3;
const BUSY_MINUTE_CALLS = 60;
const MINUTE_MS = 60_000;

/** A guessed limit is dropped after so many minutes without a refusal. */
const GUESS_MINUTES = 10;

/**
 * The limits of the gateway, told beforehand or learnt from its refusals, and the share of them that
 * this worker uses.
 *
 * Workers that use the same key do not talk to each other. Each halves its share when the gateway
 * refuses a call although its own calls are within the limit, and lets the share grow again.
 */
export class LearnedLimits {
  #limits: readonly RateLimit[];
  #isGuess = false;
  /** When the last refusals came that named no limit. */
  #unnamed: number[] = [];
  #share = 1;
  /** The period of the limit that refused last: the share halves and grows by it. */
  #shareWindowMs = 0;
  /** When the share was last set. It grows from then on. */
  #sharedAt = -Infinity;
  #refusedAt = -Infinity;
  #halvedAt = -Infinity;

  constructor(
    told: readonly RateLimit[],
    /** Called with the new words when they change; `undefined` if no limit is known any more. */
    readonly onChange: (words: string | undefined) => void,
  ) {
    this.#limits = told;
  }

  /** `200 calls per 5 min`, or `50 % of` that; `undefined` while no limit is known. */
  get words(): string | undefined {
    this.#dropOldGuess();
    if (this.#limits.length === 0) return undefined;
    const percent = Math.round(this.#shareNow() * 100);
    return percent === 100 ? inWords(this.#limits) : `${percent} % of ${inWords(this.#limits)}`;
  }

  /** The longest period of a known limit; 0 while none is known. */
  get longestWindowMs(): number {
    return Math.max(0, ...this.#limits.map(({ windowMs }) => windowMs));
  }

  /**
   * What this worker keeps to; empty while no limit is known. Each period is taken somewhat longer
   * than it is, because calls do not all take the same time to the gateway.
   */
  caps(): RateLimit[] {
    this.#dropOldGuess();
    const share = this.#shareNow();
    return this.#limits.map(({ calls, windowMs }) => ({
      calls: Math.max(LEAST_CALLS, Math.floor(calls * share)),
      windowMs: windowMs + Math.min(3_000, Math.max(100, windowMs / 50)),
    }));
  }

  /**
   * Learns from a call that the gateway refused.
   *
   * @param named the limits in its text
   * @param startedAt when the call went out
   * @param callsSince counts this worker's calls from an instant on
   */
  refused(
    named: readonly RateLimit[],
    startedAt: number,
    callsSince: (instant: number) => number,
  ): void {
    const before = this.words;
    // Refusals of calls that were under way at the last refusal are no news.
    const isNews = startedAt > this.#refusedAt;
    if (isNews) this.#refusedAt = monotonicNow();
    if (named.length > 0) this.#learn(named);
    if (isNews && this.#limits.length > 0) {
      const isOwnDoing = this.#limits.some(
        ({ calls, windowMs }) => callsSince(startedAt - windowMs) >= calls,
      );
      this.#setShare(isOwnDoing, shortestOf(named.length > 0 ? named : this.#limits));
    } else if (isNews) this.#guess(callsSince);
    if (this.words !== before) this.onChange(this.words);
  }

  /** Halves the share, unless this worker has used the limit up itself, or has halved it a moment ago. */
  #setShare(isOwnDoing: boolean, windowMs: number): void {
    const now = monotonicNow();
    const share = this.#shareNow();
    // The period stays full for a while, so calls are refused even if the half is right.
    const isSoon = now < this.#halvedAt + windowMs * PATIENCE;
    const halves = !isOwnDoing && !isSoon;
    this.#share = halves ? Math.max(SMALLEST_SHARE, share / 2) : share;
    if (halves) this.#halvedAt = now;
    this.#sharedAt = now;
    this.#shareWindowMs = windowMs;
  }

  #learn(named: readonly RateLimit[]): void {
    const isOther = ({ windowMs }: RateLimit): boolean =>
      named.every((one) => one.windowMs !== windowMs);
    this.#limits = [...(this.#isGuess ? [] : this.#limits.filter(isOther)), ...named];
    this.#isGuess = false;
  }

  /** Guesses a limit if a busy worker is refused again and again without one: half of its calls in the last minute. */
  #guess(callsSince: (instant: number) => number): void {
    const aMinuteAgo = monotonicNow() - MINUTE_MS;
    this.#unnamed = [...this.#unnamed.filter((at) => at > aMinuteAgo), monotonicNow()];
    const callsInMinute = callsSince(aMinuteAgo);
    if (this.#unnamed.length < UNNAMED_REFUSALS || callsInMinute < BUSY_MINUTE_CALLS) return;
    this.#limits = [{ calls: Math.floor(callsInMinute / 2), windowMs: MINUTE_MS }];
    this.#isGuess = true;
  }

  #dropOldGuess(): void {
    if (!this.#isGuess || monotonicNow() < this.#refusedAt + GUESS_MINUTES * MINUTE_MS) return;
    this.#limits = [];
    this.#isGuess = false;
    this.onChange(undefined);
  }

  #shareNow(): number {
    const periods = (monotonicNow() - this.#sharedAt) / this.#shareWindowMs;
    return Math.min(1, this.#share + (periods > 0 ? periods * GROWTH : 0));
  }
}

/** The shortest period of these limits: the others hold back fewer calls at a time. */
const shortestOf = (limits: readonly RateLimit[]): number =>
  Math.min(...limits.map(({ windowMs }) => windowMs));
