import type { ReadAnswer, Reading } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import { pauseAfter } from '../domain/retry.js';

/**
 * How long a job that nobody waits for is remembered. A restart waits again right after each
 * change; knowing when the last look was spares it a look that comes too early.
 */
const FORGET_AFTER_MS = 10 * 60_000;

/** One who waits for news of a job. */
export interface Subscriber {
  job: JobRef;
  /** Who waits, such as a workflow run: a new subscription of the same one ends the old. */
  key: string;
  /** The longest time between the starts of two looks. */
  pollIntervalMs: number;
  /** Look now, also where another look was made a moment ago. */
  lookAtOnce: boolean;
  /** Look at these instants of the monotonic clock too, not sooner and not much later. */
  lookAt: readonly number[];
  /** Receives the answer of each look that was started after the subscription. */
  onLook: (answer: ReadAnswer<Reading>, look: Begun) => void;
  /** The subscription ends without the subscriber having asked for it. */
  onEnd: (why: 'closed' | 'replaced') => void;
}

/** A look that has begun. */
export interface Begun {
  /** The endpoint that was asked. */
  from: 'detail' | 'list';
  /** A later look has a greater number, also within the same millisecond. */
  number: number;
  /** On the monotonic clock, as every instant in the feed. */
  startedAt: number;
}

/** When a job wants to be looked at, on the monotonic clock; Infinity for never. */
export interface DueTimes {
  /** When the interval is over; 0 where somebody asked for a look at once. */
  poll: number;
  /** The next instant that somebody asked for. A look before it does not count for it. */
  instant: number;
  /** From here on a row is welcome, if a page is read for other jobs. */
  early: number;
}

/** A job of the feed: who waits for it, and when it was and will be looked at. */
export class WatchedJob {
  /** The last whole pass over the list did not show it. It may be in another workspace. */
  unlisted = false;
  /** Somebody asked for a detail look at once. */
  wanted = false;
  /** Subscriber → number of the last look that had begun before it subscribed. */
  readonly #subscribers = new Map<Subscriber, number>();
  #last: Begun = { from: 'detail', number: 0, startedAt: -Infinity };
  #inFlight = false;
  /** Looks in a row that gave no reading. */
  #failures = 0;

  constructor(readonly job: JobRef) {}

  get inFlight(): boolean {
    return this.#inFlight;
  }

  get isWatched(): boolean {
    return this.#subscribers.size > 0;
  }

  /** Will a row of the list do for the next look? */
  get listable(): boolean {
    return !(this.unlisted || this.wanted);
  }

  isForgotten(now: number): boolean {
    return !this.isWatched && now - this.#last.startedAt > FORGET_AFTER_MS;
  }

  /** @param lastLook the number of the last look that has begun */
  add(subscriber: Subscriber, lastLook: number): void {
    this.#subscribers.set(subscriber, lastLook);
    if (subscriber.lookAtOnce) this.wanted = true;
  }

  remove(subscriber: Subscriber): boolean {
    return this.#subscribers.delete(subscriber);
  }

  dueTimes(): DueTimes {
    const { startedAt } = this.#last;
    const times = { poll: this.wanted ? 0 : Infinity, instant: Infinity, early: Infinity };
    for (const { pollIntervalMs, lookAt } of this.#subscribers.keys()) {
      // After a failure sooner than the interval, so that a long interval does not hide one hiccup.
      const pause =
        this.#failures === 0
          ? pollIntervalMs
          : Math.min(pollIntervalMs, pauseAfter(this.#failures));
      times.poll = Math.min(times.poll, startedAt + pause);
      times.early = Math.min(times.early, startedAt + pause / 2);
      for (const at of lookAt) if (at > startedAt) times.instant = Math.min(times.instant, at);
    }
    return times;
  }

  /** A detail look begins. */
  begin(look: Begun): void {
    this.#inFlight = true;
    this.wanted = false;
    this.#last = look;
  }

  /** It has ended, with this answer. */
  end(answer: ReadAnswer<Reading>, look: Begun): void {
    this.#inFlight = false;
    this.#failures = answer.kind === 'read' ? 0 : this.#failures + 1;
    this.#tell(answer, look);
  }

  /** A page of the list showed it. Ignored if a detail look is newer, in flight or wanted. */
  shown(reading: Reading, page: Begun): void {
    this.unlisted = false;
    if (this.wanted || this.#inFlight || this.#last.number > page.number) return;
    this.#last = page;
    this.#failures = 0;
    this.#tell({ kind: 'read', value: reading }, page);
  }

  #tell(answer: ReadAnswer<Reading>, look: Begun): void {
    for (const [subscriber, lookBefore] of this.#subscribers) {
      if (lookBefore < look.number) subscriber.onLook(answer, look);
    }
  }
}
