import type { ReadAnswer, Reading } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow } from '../modelarts/clock.js';

/**
 * How long a job that nobody waits for is remembered. A restart waits again right after each change.
 * With the time of the last look known, the next look does not come too early.
 */
export const FORGET_AFTER_MS = 10 * 60_000;

/** A wait that wants the answers of the looks at one job. */
export interface Subscriber {
  job: JobRef;
  /** Names who waits, such as a workflow run. A new subscription with the same key ends the old one. */
  key: string;
  /** The longest time between the starts of two looks. */
  pollIntervalMs: number;
  /** Look now, even if the last look was a moment ago. */
  lookAtOnce: boolean;
  /** Look at these instants of the monotonic clock too: not before, and not much later. */
  lookAt: readonly number[];
  /** Keeps its subscription when the feed closes, if its look is in flight and will be answered soon. */
  mayFinish?: boolean;
  /** Receives the answer of each look that was started after the subscription. */
  onLook: (answer: ReadAnswer<Reading>, look: Begun) => void;
  /** Called when something other than the subscriber ends the subscription. */
  onEnd: (why: 'closed' | 'replaced') => void;
}

/** A look that has begun. */
export interface Begun {
  /** The endpoint that was asked. */
  from: 'detail' | 'list';
  /** A later look has a greater number, even within the same millisecond. */
  number: number;
  /** On the monotonic clock, like every instant in the feed. */
  startedAt: number;
}

/** When a job is due, on the monotonic clock; Infinity for never. */
export interface DueTimes {
  /** When the interval is over; 0 if somebody asked for a look at once. */
  poll: number;
  /** The next instant in somebody's `lookAt`. An earlier look does not count for it. */
  instant: number;
  /** From this instant on, a row of the list is welcome if the list is read for other jobs. */
  early: number;
}

/** A job in the feed: its subscribers, its last look, and when the next one is due. */
export class WatchedJob {
  /** The last whole sweep did not show this job. It may be in another workspace. */
  unlisted = false;
  /** What somebody has asked for at once: a look by either endpoint, or one by the detail endpoint. */
  #wanted: 'nothing' | 'look' | 'detail' = 'nothing';
  /** When the oldest look that has not been answered yet was asked for, on the monotonic clock. */
  askedAt = Infinity;
  /** A page whose number is not above this one began too early to answer the look that was asked for. */
  #wantedAfter = 0;
  /** Since when somebody has waited for this job, on the monotonic clock. */
  #watchedSince = 0;
  /** Subscriber → number of the last look that had begun when it subscribed. */
  readonly #subscribers = new Map<Subscriber, number>();
  #last: Begun = { from: 'detail', number: 0, startedAt: -Infinity };
  #inFlight = false;
  /** Looks in a row that gave no reading. */
  #failures = 0;

  constructor(readonly job: JobRef) {}

  get inFlight(): boolean {
    return this.#inFlight;
  }

  /** Whether a detail look is in flight whose answer this subscriber will get. */
  isLookingFor(subscriber: Subscriber): boolean {
    const lookBefore = this.#subscribers.get(subscriber) ?? Infinity;
    return this.#inFlight && lookBefore < this.#last.number;
  }

  /** Whether the job has been looked at since this look began. */
  isNewerThan(look: Begun): boolean {
    return this.#last.number > look.number;
  }

  get isWatched(): boolean {
    return this.#subscribers.size > 0;
  }

  /** Whether somebody has asked for a look at once. */
  get isAsked(): boolean {
    return this.#wanted !== 'nothing';
  }

  /** Whether a row of the list is enough for the next look. */
  get listable(): boolean {
    return !(this.unlisted || this.#wanted === 'detail');
  }

  /** Has a detail look made at once. */
  lookNow(): void {
    this.#wanted = 'detail';
    this.askedAt = Math.min(this.askedAt, monotonicNow());
  }

  isForgotten(now: number): boolean {
    return !this.isWatched && now - this.#last.startedAt > FORGET_AFTER_MS;
  }

  /** @param lastLook the number of the look that the project began last */
  add(subscriber: Subscriber, lastLook: number): void {
    if (!this.isWatched) this.#watchedSince = monotonicNow();
    this.#subscribers.set(subscriber, lastLook);
    if (!subscriber.lookAtOnce) return;
    this.#wantedAfter = lastLook;
    this.askedAt = Math.min(this.askedAt, monotonicNow());
    if (this.#wanted === 'nothing') this.#wanted = 'look';
  }

  remove(subscriber: Subscriber): boolean {
    return this.#subscribers.delete(subscriber);
  }

  dueTimes(): DueTimes {
    const times = this.#timesUnasked();
    if (this.isAsked) times.poll = 0;
    return times;
  }

  /** Until when a look that was asked for may wait for others: for the shortest interval of a subscriber. */
  get patienceEndsAt(): number {
    let shortest = Infinity;
    for (const { pollIntervalMs } of this.#subscribers.keys()) {
      shortest = Math.min(shortest, pollIntervalMs);
    }
    return this.askedAt + shortest;
  }

  /** When the job is due if nobody has asked for a look at once. */
  #timesUnasked(): DueTimes {
    const { startedAt } = this.#last;
    const times = { poll: Infinity, instant: Infinity, early: Infinity };
    for (const { pollIntervalMs, lookAt } of this.#subscribers.keys()) {
      // Look again soon after a failure, so that one hiccup does not cost a long interval.
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

  /** When the next look is due, or since when it has been. */
  dueSince(): number {
    const { poll, instant } = this.#timesUnasked();
    // A job that nobody has looked at was not due before somebody waited for it.
    return Math.max(Math.min(this.askedAt, poll, instant), this.#watchedSince);
  }

  /** Called when a detail look begins. */
  begin(look: Begun): void {
    this.#inFlight = true;
    this.#wanted = 'nothing';
    this.askedAt = Infinity;
    this.#last = look;
  }

  /** Called with the answer of the detail look. */
  end(answer: ReadAnswer<Reading>, look: Begun): void {
    this.#inFlight = false;
    this.#failures = answer.kind === 'read' ? 0 : this.#failures + 1;
    this.#tell(answer, look);
  }

  /**
   * Called with a row of the list. Ignored if a detail look is newer, in flight or wanted, or if
   * somebody has asked for a look since the page began.
   */
  shown(reading: Reading, page: Begun): void {
    this.unlisted = false;
    if (this.#wanted === 'detail' || this.#inFlight || this.#last.number > page.number) return;
    if (this.isAsked && page.number <= this.#wantedAfter) return;
    this.#wanted = 'nothing';
    this.askedAt = Infinity;
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
