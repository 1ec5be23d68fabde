import { monotonicNow } from '../modelarts/clock.js';

/** A longer wait takes several timers of this length (Node's limit is 2^31 ms). */
const LONGEST_TIMER_MS = 60_000;

/** A timer that rings at the earliest instant that it was set to, or somewhat sooner. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Infinity;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** @param instant of the monotonic clock; one that has passed means at once */
  set(instant: number): void {
    const now = monotonicNow();
    const at = Math.max(now, Math.min(instant, now + LONGEST_TIMER_MS));
    if (at >= this.#at) return;
    this.clear();
    this.#at = at;
    this.#timer = setTimeout(
      () => {
        this.#at = Infinity;
        this.#ring();
      },
      Math.ceil(at - now),
    );
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }
}
