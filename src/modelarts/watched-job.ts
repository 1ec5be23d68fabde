import type { JobRef, ReadAnswer, Reading } from '../domain/answer.js';
import { pauseAfter } from '../domain/retry.js';
import type { Begun } from './looks.js';
import type { Subscriber } from './subscriber.js';

/**
 * How long a job that nobody waits for is remembered. A restart waits again right after each
 * change; knowing when the last look was spares it a look that comes too early.
 */
const FORGET_AFTER_MS = 10 * 60_000;

/** When a job wants to be looked at, on the monotonic clock; Infinity for never. */
export interface DueTimes {
  /** By the interval, or because somebody wants a look as soon as there can be one. */
  poll: number;
  /** Not sooner than this, since somebody asked for a look at that very instant. */
  instant: number;
  /** From here on a look that costs nothing is welcome. */
  early: number;
}

/** A job of the feed: who waits for it, and when it was and will be looked at. */
export class WatchedJob {
  /** The list did not show it: another workspace's, or it slipped through between two pages. */
  unlisted = false;
  /** Somebody wants a look at once, of the job's own. */
  wanted = false;
  /** With the number of the last look that had begun before they came. */
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

  /** Does a row of the list do for the next look? */
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

  /** A look at this job alone begins. */
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

  /** A page of the list showed it. Told only where no look at the job alone knows better, or will. */
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
