import type { ReadAnswer, Reading } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import { groupOf } from '../domain/status.js';
import type { Budget } from '../modelarts/budget.js';
import { monotonicNow } from '../modelarts/clock.js';
import type { ListPage } from '../modelarts/job-body.js';
import type { Pause } from '../modelarts/throttle.js';
import { Alarm } from './alarm.js';
import { chooseLooks, dueSince, isDue, longestDue, whatIsDue } from './due-looks.js';
import { ListSweep } from './list-sweep.js';
import { type Begun, FORGET_AFTER_MS, type Subscriber, WatchedJob } from './watched-job.js';

/** How many looks of one project may be in flight: few, as they share sockets and the gateway's limit. */
const MAX_IN_FLIGHT = 8;

/** To sort thousands of jobs takes milliseconds, so so many looks are chosen at once, for a short time. */
const CHOSEN_AHEAD = 32;
const AHEAD_MS = 100;

/** More looks than this that are asked for within `CROWD_MS` are a crowd. Pages of the list serve a crowd. */
const FEW_ASKS = 8;
const CROWD_MS = 1_000;

/** For how long it is remembered that a page of the list showed a job up. A batch asks for the last 90 s. */
const REMEMBER_UP_MS = 120_000;

/** How the feed looks at jobs. Never rejects for anything that the service or the network does. */
export interface Looks {
  /** Looks at one job. */
  detail(job: JobRef): Promise<ReadAnswer<Reading>>;
  /** Reads a page of a project's jobs, as large as allowed, by ascending job id. The first page is 1. */
  list(projectId: string, query: { page: number }): Promise<ReadAnswer<ListPage>>;
  /** Until when the feed makes no look at a project's jobs, and why. */
  pauseOf(projectId: string): Pause | undefined;
  readonly budget: Pick<Budget, 'words' | 'isShort' | 'turnGapMs' | 'plan'>;
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
  /** Job id → its newest reading from a page of the list, if the job is up in it. */
  readonly #seenUp = new Map<string, { reading: Reading; startedAt: number }>();
  /** When the last looks were asked for: just as many instants as it takes to recognise a crowd. */
  readonly #asks: number[] = [];
  #crowdSince: number | undefined;
  /** The next jobs to look at alone, as long as nobody asks for another look. */
  #ahead: WatchedJob[] = [];
  #aheadUntil = 0;
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
    if (subscriber.lookAtOnce) {
      this.#noteAsk();
      this.#ahead = [];
    }
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
    watched.lookNow();
    this.#ahead = [];
    this.#wakeAt(monotonicNow());
  }

  /** Whether a detail look is in flight whose answer the subscriber will get. */
  isLookingFor(subscriber: Subscriber): boolean {
    return this.#jobs.get(subscriber.job.jobId)?.isLookingFor(subscriber) === true;
  }

  /** The job's reading, if a page that was asked for at this instant or later showed the job as up. */
  seenUp(jobId: string, since: number): Reading | undefined {
    this.#noteAsk();
    const { reading, startedAt = -Infinity } = this.#seenUp.get(jobId) ?? {};
    return startedAt >= since ? reading : undefined;
  }

  /** Whether nobody needs what is remembered here. */
  get isForgotten(): boolean {
    const now = monotonicNow();
    const isAsked = this.#asks.some((at) => at > now - FORGET_AFTER_MS);
    const jobs = [...this.#jobs.values()];
    return !isAsked && this.#inFlight === 0 && jobs.every((watched) => watched.isForgotten(now));
  }

  get dueSince(): number {
    return dueSince(this.#jobs.values());
  }

  #run(): void {
    if (this.#subscribers === 0) return;
    const now = monotonicNow();
    if (this.#looks.pauseOf(this.#projectId) !== undefined) return this.#wakeAt(now);
    // The next look that ends runs the loop again.
    if (this.#inFlight >= MAX_IN_FLIGHT) return;
    if (now < this.#aheadUntil) this.#lookAhead(now);
    if (this.#inFlight >= MAX_IN_FLIGHT) return;
    const due = whatIsDue(this.#jobs, now, this.#list.underWay);
    const wasJustAsked = this.#asks.length > FEW_ASKS && this.#asks[0]! > now - CROWD_MS;
    // A crowd that waits for its page asks for nothing else meanwhile, and is one still.
    const isCrowd = wasJustAsked || due.asked.length > FEW_ASKS;
    this.#crowdSince = isCrowd ? (this.#crowdSince ?? now) : undefined;
    const chosen = chooseLooks(due, this.#list, this.#looks.budget, this.#crowdSince, now);
    if (chosen.bySweep !== undefined) void this.#sweep(chosen.bySweep);
    this.#ahead = longestDue(chosen.alone, CHOSEN_AHEAD).map(({ watched }) => watched);
    this.#aheadUntil = now + AHEAD_MS;
    this.#lookAhead(now);
    if (chosen.wakeAt < Infinity) this.#wakeAt(chosen.wakeAt);
  }

  /** Begins looks at the jobs that were chosen, as many as may be in flight. */
  #lookAhead(now: number): void {
    while (this.#inFlight < MAX_IN_FLIGHT && this.#ahead.length > 0) {
      // Checked for each look, because the look before took from the budget.
      if (this.#looks.pauseOf(this.#projectId) !== undefined) return this.#wakeAt(now);
      const watched = this.#ahead.shift()!;
      // A page may have shown it, or its subscriber may have left.
      if (watched.isWatched && !watched.inFlight && isDue(watched, now)) void this.#lookAt(watched);
    }
  }

  async #lookAt(watched: WatchedJob): Promise<void> {
    const look = this.#begin('detail');
    watched.begin(look);
    const answer = await this.#looks.detail(watched.job);
    this.#inFlight -= 1;
    if (!mayBeUp(answer)) this.#seenUp.delete(watched.job.jobId);
    watched.end(answer, look);
    this.#run();
  }

  /** @param wanted the jobs that the list is read for; each is removed once a page has shown it */
  async #sweep(wanted: Set<WatchedJob>): Promise<void> {
    const readPage = async (page: number): Promise<ReadAnswer<ListPage>> => {
      // While looks are spread over the time, a page waits for room in the budget. The room is taken
      // before anything else can run, so nobody takes it first.
      for (let pause = this.#pace(); pause !== undefined; pause = this.#pace()) {
        const inMs = Math.ceil(Math.max(1, pause.until - monotonicNow()));
        // The timer must not keep a stopping worker alive.
        await new Promise((resolve) => setTimeout(resolve, inMs).unref());
      }
      const look = this.#begin('list');
      const answer = await this.#looks.list(this.#projectId, { page });
      this.#inFlight -= 1;
      if (answer.kind !== 'read') return answer;
      for (const { jobId, ...reading } of answer.value.jobs) {
        const watched = this.#jobs.get(jobId);
        if (watched?.isNewerThan(look) !== true) this.#remember(jobId, reading, look.startedAt);
        if (watched === undefined) continue;
        wanted.delete(watched);
        watched.shown(reading, look);
      }
      return answer;
    };
    const missing = (): string[] => [...wanted].map(({ job }) => job.jobId);
    const isWhole = await this.#list.sweep(readPage, missing);
    this.#forgetOldPages();
    if (isWhole) for (const watched of wanted) watched.unlisted = true;
    this.#run();
  }

  #pace(): Pause | undefined {
    const pause = this.#looks.pauseOf(this.#projectId);
    return pause?.isPace === true ? pause : undefined;
  }

  #begin(from: Begun['from']): Begun {
    this.#inFlight += 1;
    this.#looksBegun += 1;
    return { from, number: this.#looksBegun, startedAt: monotonicNow() };
  }

  #remember(jobId: string, reading: Reading, startedAt: number): void {
    this.#seenUp.delete(jobId);
    if (groupOf(reading.status.code) !== 'up') return;
    this.#seenUp.set(jobId, { reading, startedAt });
  }

  #forgetOldPages(): void {
    const since = monotonicNow() - REMEMBER_UP_MS;
    // The oldest come first, because each is put anew at the end.
    for (const [jobId, { startedAt }] of this.#seenUp) {
      if (startedAt >= since) return;
      this.#seenUp.delete(jobId);
    }
  }

  #noteAsk(): void {
    this.#asks.push(monotonicNow());
    if (this.#asks.length > FEW_ASKS + 1) this.#asks.shift();
  }

  #wakeAt(instant: number): void {
    const pause = this.#looks.pauseOf(this.#projectId);
    this.#alarm.set(Math.max(instant, pause?.until ?? 0));
  }
}

/** Whether a job that was up may still be, after this answer to a look. */
function mayBeUp(answer: ReadAnswer<Reading>): boolean {
  if (answer.kind === 'read') return groupOf(answer.value.status.code) === 'up';
  return answer.kind === 'again';
}
