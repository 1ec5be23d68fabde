import { ProjectLoop, type Looks } from './project-loop.js';
import type { Subscriber } from './watched-job.js';
import type { Reading } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import { monotonicNow, toMonotonic } from '../modelarts/clock.js';
import type { Pause } from '../modelarts/throttle.js';

/** A subscription's handle. */
export interface Subscription {
  /** Looks at the job, as soon as no other look at it is in flight. */
  lookNow(): void;
  /** Whether a detail look is in flight whose answer the subscriber will get. */
  isLooking(): boolean;
  /** Ends the subscription: `onLook` and `onEnd` are not called any more. */
  end(): void;
}

/**
 * The worker's shared view of the jobs that are waited for. One loop per project looks at all of its
 * jobs. No subscriber gets a reading from a look that started before it subscribed.
 */
export class StatusFeed {
  readonly #looks: Looks;
  readonly #loops = new Map<string, ProjectLoop>();
  readonly #byKey = new Map<string, Subscriber>();
  #closed = false;

  /** @param looks makes the looks, as a ModelArts client does */
  constructor(looks: Looks) {
    this.#looks = looks;
  }

  subscribe(subscriber: Subscriber): Subscription {
    if (this.#closed) {
      queueMicrotask(() => subscriber.onEnd('closed'));
      return { lookNow: () => {}, isLooking: () => false, end: () => {} };
    }
    const replaced = this.#byKey.get(subscriber.key);
    if (replaced !== undefined) {
      this.#remove(replaced);
      replaced.onEnd('replaced');
    }
    this.#byKey.set(subscriber.key, subscriber);
    const loop = this.#loopOf(subscriber.job.projectId);
    loop.add(subscriber);
    return {
      lookNow: () => loop.lookNow(subscriber.job.jobId),
      isLooking: () => loop.isLookingFor(subscriber),
      end: () => this.#remove(subscriber),
    };
  }

  /** Ends every subscription, so that the waits can move to another worker at once. */
  close(): void {
    this.#closed = true;
    for (const subscriber of [...this.#byKey.values()]) {
      const loop = this.#loopOf(subscriber.job.projectId);
      if (subscriber.mayFinish === true && loop.isLookingFor(subscriber)) continue;
      this.#remove(subscriber);
      subscriber.onEnd('closed');
    }
  }

  /** Until when no look at this project's jobs is made, and why. */
  pauseOf(projectId: string): Pause | undefined {
    return this.#looks.pauseOf(projectId);
  }

  /**
   * The job's reading, if a page of the list showed it up and was asked for at `sinceMs` or later, in
   * milliseconds since the epoch.
   */
  seenUp({ projectId, jobId }: JobRef, sinceMs: number): Reading | undefined {
    return this.#loopOf(projectId).seenUp(jobId, toMonotonic(sinceMs));
  }

  /** The gateway's limit as people say it; `undefined` while none is known. */
  get limit(): string | undefined {
    return this.#looks.budget.words;
  }

  /** For how long the look that is due for longest has been due; 0 if none is. */
  overdueMs(): number {
    const since = Math.min(...[...this.#loops.values()].map((loop) => loop.dueSince));
    return Math.max(0, monotonicNow() - since);
  }

  /** How many waits there are. */
  get waits(): number {
    return this.#byKey.size;
  }

  #loopOf(projectId: string): ProjectLoop {
    let loop = this.#loops.get(projectId);
    if (loop === undefined) {
      for (const [other, { isForgotten }] of this.#loops) {
        if (isForgotten) this.#loops.delete(other);
      }
      loop = new ProjectLoop(projectId, this.#looks);
      this.#loops.set(projectId, loop);
    }
    return loop;
  }

  #remove(subscriber: Subscriber): void {
    if (this.#byKey.get(subscriber.key) !== subscriber) return;
    this.#byKey.delete(subscriber.key);
    this.#loops.get(subscriber.job.projectId)?.remove(subscriber);
  }
}
