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
  /** Transient failures in a row. */
  failures: number;
  wanted: boolean;
}

/** Looks at the watched jobs of one project, each as often as its most eager subscriber asks for. */
export class ProjectLoop {
  readonly #look: Look;
  readonly #watched = new Map<string, Watched>();
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
    if (subscriber.lookAtOnce) watched.wanted = true;
    const { poll, instant } = dueTimes(watched);
    this.#wakeAt(Math.min(poll, instant));
  }

  remove(subscriber: Subscriber): void {
    const watched = this.#watched.get(subscriber.job.jobId);
    watched?.subscribers.delete(subscriber);
  }

  lookNow(jobId: string): void {
    const watched = this.#watched.get(jobId);
    if (watched === undefined) return;
    watched.wanted = true;
    this.#wakeAt(Date.now());
  }

  #run(): void {
    const now = Date.now();
    if (now < this.#restUntil) return this.#wakeAt(this.#restUntil);
    let next = Infinity;
    for (const watched of this.#watched.values()) {
      if (watched.subscribers.size === 0) {
        if (now - watched.lookedAt > FORGET_AFTER_MS) this.#watched.delete(watched.job.jobId);
        continue;
      }
      if (watched.inFlight) continue;
      const { poll, instant } = dueTimes(watched);
      const isDue = poll <= now + TOGETHER_MS || instant <= now;
      if (!isDue) next = Math.min(next, poll, instant);
      // Above the limit: the look that ends first runs the loop again.
      else if (this.#inFlight < MAX_IN_FLIGHT) void this.#lookAt(watched);
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
    this.#learn(watched, answer);
    for (const subscriber of subscribers) {
      if (watched.subscribers.has(subscriber)) subscriber.onLook(answer, startedAt);
    }
    this.#run();
  }

  #learn(watched: Watched, answer: ReadAnswer<Reading>): void {
    watched.failures = answer.kind === 'again' ? watched.failures + 1 : 0;
    const throttled =
      answer.kind === 'again' &&
      (answer.error.httpStatus === 429 || answer.retryAfterMs !== undefined);
    if (!throttled) {
      this.#throttles = 0;
      return;
    }
    this.#throttles += 1;
    const rest = Math.min(LONGEST_REST_MS, pauseAfter(this.#throttles, answer.retryAfterMs));
    this.#restUntil = Math.max(this.#restUntil, Date.now() + rest);
  }

  #wakeAt(instant: number): void {
    const now = Date.now();
    const at = Math.max(now, this.#restUntil, Math.min(instant, now + LONGEST_TIMER_MS));
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.#run();
    }, at - now);
  }
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
