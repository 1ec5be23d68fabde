import type { JobRef, ReadAnswer, Reading } from '../domain/answer.js';
import { pauseAfter } from '../domain/retry.js';
import type { Subscriber } from './subscriber.js';

/** Makes one look at a job. Does not throw for anything that the service or the network does. */
export type Look = (job: JobRef) => Promise<ReadAnswer<Reading>>;

/** Looks under way at once in one project: few, since they share few sockets and one gateway budget. */
const MAX_IN_FLIGHT = 8;

/** Looks that fall due within this time start together, a little early: one wake-up serves many jobs. */
const TOGETHER_MS = 25;

/**
 * How long a job that nobody waits for is remembered. A restart waits again right after each
 * change; knowing when the last look was spares it a look that comes too early.
 */
const FORGET_AFTER_MS = 10 * 60_000;

/** The longest time that a throttled project rests, whatever the gateway asks for. */
const LONGEST_REST_MS = 5 * 60_000;

/** A timer further away than this is set again on the way (Node's limit is 2^31 ms). */
const LONGEST_TIMER_MS = 60_000;

interface Watched {
  job: JobRef;
  subscribers: Set<Subscriber>;
  /** When the last look was started; -Infinity before the first. */
  lookedAt: number;
  inFlight: boolean;
  /** Looks in a row that gave no reading. */
  failures: number;
  wanted: boolean;
}

/** Looks at the watched jobs of one project, each as often as its most eager subscriber asks for. */
export class ProjectLoop {
  readonly #look: Look;
  readonly #watched = new Map<string, Watched>();
  #subscribers = 0;
  #inFlight = 0;
  #restUntil = 0;
  #throttles = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(look: Look) {
    this.#look = look;
  }

  /** Until when a throttled project makes no look, in milliseconds since the epoch. */
  get restUntil(): number {
    return this.#restUntil;
  }

  add(subscriber: Subscriber): void {
    const { job } = subscriber;
    let watched = this.#watched.get(job.jobId);
    if (watched === undefined) {
      const fresh = { lookedAt: -Infinity, inFlight: false, failures: 0, wanted: false };
      watched = { job, subscribers: new Set(), ...fresh };
      this.#watched.set(job.jobId, watched);
    }
    watched.subscribers.add(subscriber);
    this.#subscribers += 1;
    if (subscriber.lookAtOnce) watched.wanted = true;
    const { poll, instant } = dueTimes(watched);
    this.#wakeAt(Math.min(poll, instant));
  }

  remove(subscriber: Subscriber): void {
    const watched = this.#watched.get(subscriber.job.jobId);
    if (watched?.subscribers.delete(subscriber) !== true) return;
    this.#subscribers -= 1;
    // A timer that nobody waits for would keep a stopping worker alive.
    if (this.#subscribers === 0) this.#clearTimer();
  }

  lookNow(jobId: string): void {
    const watched = this.#watched.get(jobId);
    if (watched === undefined) return;
    watched.wanted = true;
    this.#wakeAt(Date.now());
  }

  #run(): void {
    const now = Date.now();
    if (this.#subscribers === 0) return;
    if (now < this.#restUntil) return this.#wakeAt(this.#restUntil);
    // At the limit: the look that ends first runs the loop again.
    if (this.#inFlight >= MAX_IN_FLIGHT) return;
    let next = Infinity;
    const due: Due[] = [];
    for (const watched of this.#watched.values()) {
      if (watched.subscribers.size === 0) {
        if (now - watched.lookedAt > FORGET_AFTER_MS) this.#watched.delete(watched.job.jobId);
        continue;
      }
      if (watched.inFlight) continue;
      const { poll, instant } = dueTimes(watched);
      if (instant <= now) due.push({ watched, since: 0 });
      else if (poll <= now + TOGETHER_MS) due.push({ watched, since: Math.max(0, poll) });
      else next = Math.min(next, poll, instant);
    }
    for (const { watched } of longestDue(due, MAX_IN_FLIGHT - this.#inFlight)) {
      void this.#lookAt(watched);
    }
    if (next < Infinity) this.#wakeAt(next);
  }

  async #lookAt(watched: Watched): Promise<void> {
    const startedAt = Date.now();
    const subscribers = [...watched.subscribers];
    watched.inFlight = true;
    watched.wanted = false;
    watched.lookedAt = startedAt;
    this.#inFlight += 1;
    const answer = await this.#look(watched.job);
    this.#inFlight -= 1;
    watched.inFlight = false;
    this.#learn(watched, answer, startedAt);
    for (const subscriber of subscribers) {
      if (watched.subscribers.has(subscriber)) subscriber.onLook(answer, startedAt);
    }
    this.#run();
  }

  #learn(watched: Watched, answer: ReadAnswer<Reading>, startedAt: number): void {
    watched.failures = answer.kind === 'read' ? 0 : watched.failures + 1;
    const throttled =
      answer.kind === 'again' &&
      (answer.error.httpStatus === 429 || answer.retryAfterMs !== undefined);
    // Looks that were under way when the rest began are of the same throttling.
    const isNews = startedAt >= this.#restUntil;
    if (!throttled) {
      if (isNews) this.#throttles = 0;
      return;
    }
    this.#throttles = Math.max(1, this.#throttles + (isNews ? 1 : 0));
    const rest = Math.min(LONGEST_REST_MS, pauseAfter(this.#throttles, answer.retryAfterMs));
    this.#restUntil = Math.max(this.#restUntil, Date.now() + rest);
  }

  #wakeAt(instant: number): void {
    const now = Date.now();
    const at = Math.max(now, this.#restUntil, Math.min(instant, now + LONGEST_TIMER_MS));
    if (at >= this.#timerAt) return;
    this.#clearTimer();
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.#run();
    }, at - now);
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
  }
}

/** A job to be looked at; `since` orders them: an instant that somebody asked for comes first. */
interface Due {
  watched: Watched;
  since: number;
}

/** The `count` that have been due for the longest: where not all can be served, none is forgotten. */
function longestDue(due: Due[], count: number): Due[] {
  if (due.length <= count) return due;
  const chosen: Due[] = [];
  for (const one of due) {
    const place = chosen.findIndex(({ since }) => one.since < since);
    if (place >= 0) chosen.splice(place, 0, one);
    else if (chosen.length < count) chosen.push(one);
    if (chosen.length > count) chosen.pop();
  }
  return chosen;
}

/** When the next look at a job is due: by its interval, and at an instant that somebody asked for. */
function dueTimes(watched: Watched): { poll: number; instant: number } {
  const { lookedAt, failures } = watched;
  let poll = watched.wanted ? 0 : Infinity;
  let instant = Infinity;
  for (const { pollIntervalMs, lookAt } of watched.subscribers) {
    // After a failure sooner than the interval, so that a long interval does not hide one hiccup.
    const pause = failures === 0 ? pollIntervalMs : Math.min(pollIntervalMs, pauseAfter(failures));
    poll = Math.min(poll, lookedAt + pause);
    for (const at of lookAt) if (at > lookedAt) instant = Math.min(instant, at);
  }
  return { poll, instant };
}
