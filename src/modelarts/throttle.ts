import type { ReadAnswer, RequestAnswer, ServiceError } from '../domain/answer.js';
import { defined } from '../domain/defined.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow, toWallClock } from './clock.js';

/** The longest time that one throttled call holds back the other calls of its project. */
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * If a pause held calls back, the feed begins this much later than they may. Temporal retries those
 * calls a little after the pause. Without their head start, the feed's looks could use up what the
 * gateway allows. A guess.
 */
const HEAD_START_MS = 1_000;

/** What the gateway and ModelArts send with 429. Under another status they mean the same. */
const THROTTLING_CODES: ReadonlySet<string> = new Set([
  'APIGW.0308',
  'APIG.0308',
  'ModelArts.2799',
  'ModelArts.4206',
  'ModelArts.4395',
  'ModelArts.6101',
]);

/** The gateway throttles a user or an address, not a project, so its refusals hold back every project. */
const EVERY_PROJECT = '*';
const GATEWAY_CODE = /^APIG(W)?\./;

/** Why a call is not sent now, and after how long it may be if that is known. */
export interface HeldBack {
  error: ServiceError;
  retryAfterMs?: number;
  /** When the budget keeps room for this request, in milliseconds since the epoch. No other call takes the room. */
  turnAtMs?: number;
}

/** Until when the feed makes no look (on the monotonic clock), and why. */
export interface Pause {
  until: number;
  error: ServiceError;
  /** Nothing is wrong: looks are spread over the time, to keep within the gateway's limit. */
  isPace?: boolean;
}

interface KnownPause {
  /** On the monotonic clock. */
  until: number;
  /** How many calls in a row were throttled. Counts only calls that began after the previous pause. */
  throttles: number;
  /** The answer that asked for the pause. */
  cause: ServiceError;
  /** Whether the pause has held a call back. */
  hasHeldBack: boolean;
  /** How much later the feed begins in that case. */
  headStartMs: number;
}

/**
 * Knows until when nothing is sent for a throttled project, or for any. Every call to ModelArts asks
 * `heldBack` first, and passes its answer to `learn`.
 */
export class Throttle {
  /** Project → its pause. */
  readonly #pauses = new Map<string, KnownPause>();

  /** Why a call must wait; `undefined` if neither its project nor the whole worker pauses. */
  heldBack(projectId: string): HeldBack | undefined {
    const now = monotonicNow();
    const pauses = this.#pausesOf(projectId).filter(({ until }) => now < until);
    for (const pause of pauses) pause.hasHeldBack = true;
    const pause = longest(pauses, ({ until }) => until);
    return pause && { error: errorOf(pause), retryAfterMs: Math.ceil(pause.until - now) };
  }

  /** Whether a project is held back longer than the others are. */
  holdsBackAlone(projectId: string): boolean {
    const until = (scope: string): number => this.#pauses.get(scope)?.until ?? 0;
    return until(projectId) > Math.max(monotonicNow(), until(EVERY_PROJECT));
  }

  /** The feed's pause, if there is one now. */
  pauseOf(projectId: string): Pause | undefined {
    const now = monotonicNow();
    const pauses = this.#pausesOf(projectId).filter((pause) => now < feedBeginsAt(pause));
    const pause = longest(pauses, feedBeginsAt);
    return pause && { until: feedBeginsAt(pause), error: errorOf(pause) };
  }

  /** How long the longest pause of any project still lasts; 0 if nothing pauses. */
  longestPauseMs(): number {
    const now = monotonicNow();
    return Math.max(0, ...[...this.#pauses.values()].map(({ until }) => until - now));
  }

  #pausesOf(projectId: string): KnownPause[] {
    const both = [this.#pauses.get(projectId), this.#pauses.get(EVERY_PROJECT)];
    return both.filter((pause) => pause !== undefined);
  }

  /** @param startedAt when the call that was answered began, on the monotonic clock */
  learn(projectId: string, answer: ReadAnswer<unknown> | RequestAnswer, startedAt: number): void {
    const throttled = throttledBy(answer);
    if (throttled === undefined) {
      for (const pause of this.#pausesOf(projectId)) {
        // A call that was sent before the pause was over says nothing about the time after it.
        if (startedAt >= pause.until) pause.throttles = 0;
      }
      return;
    }
    const isByGateway = GATEWAY_CODE.test(throttled.error.code ?? '');
    this.#pause(isByGateway ? EVERY_PROJECT : projectId, throttled, startedAt);
  }

  #pause(
    scope: string,
    throttled: { error: ServiceError; retryAfterMs?: number },
    startedAt: number,
  ): void {
    const pause = this.#pauses.get(scope);
    const isNews = startedAt >= (pause?.until ?? 0);
    const throttles = Math.max(1, (pause?.throttles ?? 0) + (isNews ? 1 : 0));
    const pauseMs = Math.min(LONGEST_PAUSE_MS, pauseAfter(throttles, throttled.retryAfterMs));
    const until = Math.max(pause?.until ?? 0, monotonicNow() + pauseMs);
    const now = { until, throttles, cause: throttled.error };
    if (pause !== undefined && !isNews) {
      this.#pauses.set(scope, { ...pause, ...now });
      return;
    }
    // If a call is throttled again before the feed's turn, the feed begins with the others next time;
    // otherwise it might never look.
    const feedMissedOut = pause !== undefined && startedAt < feedBeginsAt(pause);
    const headStartMs = feedMissedOut ? 0 : HEAD_START_MS;
    this.#pauses.set(scope, { ...now, hasHeldBack: false, headStartMs });
  }
}

function longest(
  pauses: readonly KnownPause[],
  end: (pause: KnownPause) => number,
): KnownPause | undefined {
  return pauses.toSorted((a, b) => end(b) - end(a))[0];
}

function feedBeginsAt({ until, hasHeldBack, headStartMs }: KnownPause): number {
  return until + (hasHeldBack ? headStartMs : 0);
}

/** Whether the answer says that the gateway's limit of calls is used up. */
export function isOverLimit(answer: ReadAnswer<unknown> | RequestAnswer): boolean {
  return /^APIG(W)?\.0308$/.test(throttledBy(answer)?.error.code ?? '');
}

function throttledBy(
  answer: ReadAnswer<unknown> | RequestAnswer,
): { error: ServiceError; retryAfterMs?: number } | undefined {
  if (answer.kind === 'read' || answer.kind === 'accepted') return undefined;
  const { error } = answer;
  const retryAfterMs = 'retryAfterMs' in answer ? answer.retryAfterMs : undefined;
  const isThrottled =
    error.httpStatus === 429 ||
    retryAfterMs !== undefined ||
    (error.code !== undefined && THROTTLING_CODES.has(error.code));
  if (!isThrottled) return undefined;
  return { error, ...defined({ retryAfterMs }) };
}

/** The error of a call that is held back, with the code of the answer that asked for the pause. */
function errorOf({ until, cause: { code, httpStatus } }: KnownPause): ServiceError {
  const instant = new Date(toWallClock(until)).toISOString();
  return {
    ...defined({ code }),
    message: `not sent: ModelArts asked for a pause, and the worker holds back until ${instant}`,
    ...defined({ httpStatus }),
  };
}
