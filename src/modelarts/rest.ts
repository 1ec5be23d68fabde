import type { ReadAnswer } from '../domain/answer.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow } from './clock.js';

/** The longest time that a throttled project rests, whatever the gateway asks for. */
const LONGEST_REST_MS = 5 * 60_000;

/** Learns from a project's answers how long the gateway wants it to make no look. */
export class Rest {
  #until = 0;
  #throttles = 0;

  /** Until when no look is made, on the monotonic clock; 0 where none was throttled. */
  get until(): number {
    return this.#until;
  }

  learn(answer: ReadAnswer<unknown>, startedAt: number): void {
    const throttled =
      answer.kind === 'again' &&
      (answer.error.httpStatus === 429 || answer.retryAfterMs !== undefined);
    // Looks that were under way when the rest began are of the same throttling.
    const isNews = startedAt >= this.#until;
    if (!throttled) {
      if (isNews) this.#throttles = 0;
      return;
    }
    this.#throttles = Math.max(1, this.#throttles + (isNews ? 1 : 0));
    const rest = Math.min(LONGEST_REST_MS, pauseAfter(this.#throttles, answer.retryAfterMs));
    this.#until = Math.max(this.#until, monotonicNow() + rest);
  }
}
