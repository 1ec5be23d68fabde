import type { ReadAnswer, Reading } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import type { ListPage } from '../../src/modelarts/job-body.js';
import type { Looks } from '../../src/feed/project-loop.js';
import { StatusFeed, type Subscription } from '../../src/feed/status-feed.js';
import type { Subscriber } from '../../src/feed/watched-job.js';
import { Budget } from '../../src/modelarts/budget.js';
import { Throttle } from '../../src/modelarts/throttle.js';

/** The wall clock at the instant that all times of these tests count from. */
export const START = Date.parse('2026-01-01T00:00:00.000Z');

/** Stops the clock at START; it moves only when a test says so. */
export function stopTheClock(): void {
  jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'queueMicrotask'] });
}

export const pass = (milliseconds: number): Promise<void> =>
  jest.advanceTimersByTimeAsync(milliseconds);

/** Milliseconds since START, also where a test steps the wall clock. */
export const now = (): number => performance.now();

/** Sets the wall clock back (or forward), as somebody or NTP may do; no time passes. */
export const stepWallClock = (milliseconds: number): void => {
  jest.setSystemTime(Date.now() + milliseconds);
};

export const JOB = { projectId: 'ab0123456789cdef0123456789abcdef', jobId: '10' };

export const shows = (code: number): ReadAnswer<Reading> => ({
  kind: 'read',
  value: { status: statusOf(code), lookedAt: Date.now() },
});

export const fails = (httpStatus: number, retryAfterMs?: number): ReadAnswer<Reading> => ({
  kind: 'again',
  error: { message: `HTTP ${httpStatus}`, httpStatus },
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

export const refuses = (httpStatus: number): Extract<ReadAnswer<Reading>, { kind: 'refused' }> => ({
  kind: 'refused',
  error: { message: `HTTP ${httpStatus}`, httpStatus },
});

/** Looks that are answered by a script, and that are written down. */
export class ScriptedLooks implements Pick<Looks, 'detail' | 'list'> {
  readonly made: { jobId: string; at: number }[] = [];
  mostAtOnce = 0;
  #underWay = 0;

  /**
   * @param answer what the job shows when the look starts, by the job and the time since START
   * @param tookMs how long a look takes
   */
  constructor(
    readonly answer: (jobId: string, at: number) => ReadAnswer<Reading>,
    readonly tookMs = 0,
  ) {}

  async detail({ jobId }: { jobId: string }): Promise<ReadAnswer<Reading>> {
    this.made.push({ jobId, at: now() });
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    const answer = this.answer(jobId, now());
    if (this.tookMs > 0) await new Promise((resolve) => setTimeout(resolve, this.tookMs));
    this.#underWay -= 1;
    return answer;
  }

  /** No list, unless a test has one. */
  list: Looks['list'] = () => Promise.resolve<ReadAnswer<ListPage>>(refuses(403));

  /** When looks at this job were started. */
  timesOf(jobId: string = JOB.jobId): number[] {
    return this.made.filter((look) => look.jobId === jobId).map(({ at }) => at);
  }
}

/** A feed that looks by the script, unless its project is throttled. */
export function feedOf(looks: Pick<Looks, 'detail' | 'list'>): StatusFeed {
  const throttle = new Throttle();
  async function obey<T>(
    projectId: string,
    look: () => Promise<ReadAnswer<T>>,
  ): Promise<ReadAnswer<T>> {
    const heldBack = throttle.heldBack(projectId);
    if (heldBack !== undefined) return { kind: 'again', ...heldBack };
    const startedAt = now();
    const answer = await look();
    throttle.learn(projectId, answer, startedAt);
    return answer;
  }
  return new StatusFeed({
    detail: (job) => obey(job.projectId, () => looks.detail(job)),
    list: (projectId, query) => obey(projectId, () => looks.list(projectId, query)),
    pauseOf: (projectId) => throttle.pauseOf(projectId),
    budget: new Budget(),
  });
}

/** What a subscriber was told: when the looks that it was served were started, and how it ended. */
export interface Watch extends Subscription {
  served: number[];
  ended: string[];
}

let watches = 0;

export function watch(feed: StatusFeed, wish: Partial<Subscriber> = {}): Watch {
  const served: number[] = [];
  const ended: string[] = [];
  watches += 1;
  const subscription = feed.subscribe({
    job: JOB,
    key: `watch ${watches}`,
    pollIntervalMs: 5_000,
    lookAtOnce: false,
    lookAt: [],
    onLook: (_answer, { startedAt }) => served.push(startedAt),
    onEnd: (why) => ended.push(why),
    ...wish,
  });
  return { ...subscription, served, ended };
}
