import type { ReadAnswer, Reading } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import { monotonicNow } from '../modelarts/clock.js';
import type { ListPage } from '../modelarts/job-body.js';
import type { Pause } from '../modelarts/throttle.js';
import { ListSweep } from './list-sweep.js';
import { type Begun, type Subscriber, WatchedJob } from './watched-job.js';

/** How many looks of one project may be in flight: few, as they share sockets and the gateway's limit. */
const MAX_IN_FLIGHT = 8;

/** Looks that fall due within this time start together, a little early, so that one timer serves many. */
const TOGETHER_MS = 25;

/** A longer wait takes several timers of this length (Node's limit is 2^31 ms). */
const LONGEST_TIMER_MS = 60_000;

/** How the feed looks at jobs. Never rejects for anything that the service or the network does. */
export interface Looks {
  /** Looks at one job. */
  detail(job: JobRef): Promise<ReadAnswer<Reading>>;
  /** Reads a page of a project's jobs, as large as allowed, by ascending job id. The first page is 1. */
  list(projectId: string, query: { page: number }): Promise<ReadAnswer<ListPage>>;
  /** The pause of a project that is throttled now. The feed makes no look during it. */
  pauseOf(projectId: string): Pause | undefined;
}

/**
 * Looks at the watched jobs of one project, each as often as its most eager subscriber asks for.
 * Looks at a few due jobs one by one, and reads the list for many.
 */
export class ProjectLoop {
  readonly #projectId: string;
  readonly #looks: Looks;
  readonly #jobs = new Map<string, WatchedJob>();
  readonly #list = new ListSweep();
  readonly #alarm = new Alarm(() => this.#run());
  #subscribers = 0;
  #inFlight = 0;
  #looksBegun = 0;

  constructor(projectId: string, looks: Looks) {
    this.#projectId = projectId;
    this.#looks = looks;
  }

  add(subscriber: Subscriber): void {
    const { jobId } = subscriber.job;
    let watched = this.#jobs.get(jobId);
    if (watched === undefined) {
      watched = new WatchedJob(subscriber.job);
      this.#jobs.set(jobId, watched);
    }
    watched.add(subscriber, this.#looksBegun);
    this.#subscribers += 1;
    const { poll, instant } = watched.dueTimes();
    this.#wakeAt(Math.min(poll, instant));
  }

  remove(subscriber: Subscriber): void {
    if (this.#jobs.get(subscriber.job.jobId)?.remove(subscriber) !== true) return;
    this.#subscribers -= 1;
    // A timer that nobody waits for would keep a stopping worker alive.
    if (this.#subscribers === 0) this.#alarm.clear();
  }

  lookNow(jobId: string): void {
    const watched = this.#jobs.get(jobId);
    if (watched === undefined) return;
    watched.wanted = true;
    this.#wakeAt(monotonicNow());
  }

  #run(): void {
    if (this.#subscribers === 0) return;
    const now = monotonicNow();
    if (this.#looks.pauseOf(this.#projectId) !== undefined) return this.#wakeAt(now);
    // The next look that ends runs the loop again.
    if (this.#inFlight >= MAX_IN_FLIGHT) return;
    const { alone, listed, welcome, next } = this.#whatIsDue(now);
    if (listed.length > 0 && this.#list.pay(welcome.size)) void this.#sweep(welcome);
    else alone.push(...listed);
    for (const { watched } of longestDue(alone, MAX_IN_FLIGHT - this.#inFlight)) {
      void this.#lookAt(watched);
    }
    if (next < Infinity) this.#wakeAt(next);
  }

  /**
   * Sorts the watched jobs. `alone`: due for a detail look. `listed`: due, and a row of the list is
   * enough. `welcome`: those of `listed`, and jobs that are due soon and for which a row is enough.
   * `next`: when the next job is due.
   */
  #whatIsDue(now: number): {
    alone: Due[];
    listed: Due[];
    welcome: Set<WatchedJob>;
    next: number;
  } {
    const [alone, listed]: [Due[], Due[]] = [[], []];
    const welcome = new Set<WatchedJob>();
    let next = Infinity;
    for (const [jobId, watched] of this.#jobs) {
      if (watched.isForgotten(now)) this.#jobs.delete(jobId);
      if (!watched.isWatched || watched.inFlight) continue;
      const { poll, instant, early } = watched.dueTimes();
      const isPolled = poll <= now + TOGETHER_MS;
      const byList = watched.listable && instant > now;
      if (byList && early <= now) welcome.add(watched);
      // The sweep that is under way will show this job.
      if (byList && this.#list.underWay) next = Math.min(next, instant);
      else if (instant <= now) alone.push({ watched, since: 0 });
      else if (isPolled) (byList ? listed : alone).push({ watched, since: Math.max(0, poll) });
      else next = Math.min(next, poll, instant);
    }
    return { alone, listed, welcome, next };
  }

  async #lookAt(watched: WatchedJob): Promise<void> {
    const look = this.#begin('detail');
    watched.begin(look);
    const answer = await this.#looks.detail(watched.job);
    this.#inFlight -= 1;
    watched.end(answer, look);
    this.#run();
  }

  /** @param wanted the jobs that the list is read for; each is removed once a page has shown it */
  async #sweep(wanted: Set<WatchedJob>): Promise<void> {
    const readPage = async (page: number): Promise<ReadAnswer<ListPage>> => {
      const look = this.#begin('list');
      const answer = await this.#looks.list(this.#projectId, { page });
      this.#inFlight -= 1;
      if (answer.kind !== 'read') return answer;
      for (const { jobId, ...reading } of answer.value.jobs) {
        const watched = this.#jobs.get(jobId);
        if (watched === undefined) continue;
        wanted.delete(watched);
        watched.shown(reading, look);
      }
      return answer;
    };
    const isWhole = await this.#list.sweep(readPage, () => wanted.size === 0);
    if (isWhole) for (const watched of wanted) watched.unlisted = true;
    this.#run();
  }

  #begin(from: Begun['from']): Begun {
    this.#inFlight += 1;
    this.#looksBegun += 1;
    return { from, number: this.#looksBegun, startedAt: monotonicNow() };
  }

  #wakeAt(instant: number): void {
    const pause = this.#looks.pauseOf(this.#projectId);
    this.#alarm.set(Math.max(instant, pause?.until ?? 0));
  }
}

/** A timer that rings at the earliest instant that it was set to, or somewhat sooner. */
class Alarm {
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

/** A job to look at, and since when it has been due. 0 puts it first. */
interface Due {
  watched: WatchedJob;
  since: number;
}

/** The `count` jobs that have been due for the longest, so that each gets its turn. */
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
