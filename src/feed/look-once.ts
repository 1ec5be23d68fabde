import type { ReadAnswer, Reading } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import { monotonicNow, toMonotonic } from '../modelarts/clock.js';
import type { StatusFeed, Subscription } from './status-feed.js';
import { lastLookOf, WaitEnded } from './wait-for-change.js';

/** Node's limit for a timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface LookOptions {
  /** Names who looks; a newer look with the same key ends this one. */
  key: string;
  /** The longest time that a look takes. */
  exchangeMs: number;
  /** From this instant on, the look ends as `again` if the project is throttled. In milliseconds since the epoch. */
  answerByMs: number;
  /** When the look must have begun. In milliseconds since the epoch. */
  deadlineMs: number;
  signal: AbortSignal;
}

/**
 * Makes one look through the feed, so that many who look at the same moment share a page of the list.
 * The look begins after this call. It waits where the gateway's limit has no room for it.
 *
 * @returns the answer; `again` at once if the project is throttled
 * @throws {WaitEnded} if the feed is closed, or the signal's reason if it aborts, before the look began
 */
export function lookOnce(
  feed: StatusFeed,
  job: JobRef,
  { key, exchangeMs, answerByMs, deadlineMs, signal }: LookOptions,
): Promise<ReadAnswer<Reading>> {
  const throttled = (): ReadAnswer<Reading> | undefined => {
    const pause = feed.pauseOf(job.projectId);
    if (pause === undefined || pause.isPace === true) return undefined;
    const retryAfterMs = Math.max(1, Math.ceil(pause.until - monotonicNow()));
    return { kind: 'again', error: pause.error, retryAfterMs };
  };
  const atOnce = throttled();
  if (atOnce !== undefined) return Promise.resolve(atOnce);

  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = [];
    const at = (instantMs: number, act: () => void): void => {
      const inMs = Math.min(toMonotonic(instantMs) - monotonicNow(), LONGEST_TIMER_MS);
      timers.push(setTimeout(act, Math.max(0, inMs)));
    };
    const finish = (end: () => void): void => {
      subscription.end();
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      end();
    };
    const answer = (one: ReadAnswer<Reading>): void => finish(() => resolve(one));
    // A look in flight is answered soon. A stopping worker need not leave it to another one.
    const onAbort = (): void => {
      if (!subscription.isLooking()) finish(() => reject(signal.reason as Error));
    };
    const subscription: Subscription = feed.subscribe({
      job,
      key,
      pollIntervalMs: LONGEST_TIMER_MS,
      lookAtOnce: true,
      lookAt: [],
      mayFinish: true,
      onLook: answer,
      onEnd: (why) => finish(() => reject(new WaitEnded(why))),
    });
    at(answerByMs, () => {
      const now = throttled();
      if (now !== undefined) answer(now);
    });
    at(deadlineMs, () => {
      const { waitMs, error } = lastLookOf(feed, job.projectId, exchangeMs);
      timers.push(setTimeout(() => answer({ kind: 'again', error }), waitMs));
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
