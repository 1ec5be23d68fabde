import type { Budget } from '../modelarts/budget.js';
import type { ListSweep } from './list-sweep.js';
import type { WatchedJob } from './watched-job.js';

/** Looks that fall due within this time start together, a little early, so that one timer serves many. */
const TOGETHER_MS = 25;

/**
 * From this many jobs per page on, the list is cheaper than detail looks. `polled` is for jobs whose
 * interval is over, and `asked` for looks that a crowd asked for. `scarce` is for both once the
 * gateway's limit is known, because calls are scarce then. Guesses: a page of a thousand rows has some
 * 500 kB.
 */
const JOBS_PER_PAGE = { polled: 20, asked: 2, scarce: 2 } as const;

/**
 * The time between two sweeps in a crowd is half of how long the crowd has lasted, but at least `shortest`.
 * At most, it is `perPage` for each page that a sweep reads, up to `longest`; or `whenShort` while requests
 * wait for the gateway's limit. Each sweep serves everybody who has asked since the one before.
 */
const CROWD_SWEEP_MS = { shortest: 200, perPage: 500, longest: 2_000, whenShort: 1_000 } as const;

/** Restarts with the same turn ask for looks within about this time. A page waits that long for all. */
const GATHER_MS = 500;

/** A job to look at, and since when it has been due. 0 puts it first. */
export interface Due {
  watched: WatchedJob;
  since: number;
}

/** The watched jobs, by what is due for each. */
export interface DueLooks {
  /** Due for a look by the detail endpoint. */
  alone: Due[];
  /** Somebody asked for a look at once, by either endpoint. */
  asked: Due[];
  /** The interval is over, and a row of the list is enough. */
  polled: Due[];
  /** Those of `asked` and `polled`, and jobs that are due soon and for which a row is enough. */
  welcome: Set<WatchedJob>;
  /** When the next of the other jobs is due. */
  next: number;
}

/**
 * Sorts the jobs by what is due for each, and deletes those that are forgotten: one pass over thousands.
 *
 * @param isSweeping whether a sweep is under way, which will show the jobs whose interval is over
 */
export function whatIsDue(
  jobs: Map<string, WatchedJob>,
  now: number,
  isSweeping: boolean,
): DueLooks {
  const due: DueLooks = { alone: [], asked: [], polled: [], welcome: new Set(), next: Infinity };
  for (const [jobId, watched] of jobs) {
    if (watched.isForgotten(now)) jobs.delete(jobId);
    if (!watched.isWatched || watched.inFlight) continue;
    const { poll, instant, early } = watched.dueTimes();
    const byList = watched.listable && instant > now;
    if (byList && (watched.isAsked || early <= now)) due.welcome.add(watched);
    if (instant <= now) due.alone.push({ watched, since: 0 });
    else if (byList && watched.isAsked) due.asked.push({ watched, since: watched.askedAt });
    else if (byList && isSweeping) due.next = Math.min(due.next, instant);
    else if (poll > now + TOGETHER_MS) due.next = Math.min(due.next, poll, instant);
    else (byList ? due.polled : due.alone).push({ watched, since: Math.max(0, poll) });
  }
  return due;
}

/** When the job that has been due for longest was due; Infinity for none of these jobs. */
export function dueSince(jobs: Iterable<WatchedJob>): number {
  let since = Infinity;
  for (const watched of jobs) {
    if (watched.isWatched && !watched.inFlight) since = Math.min(since, watched.dueSince());
  }
  return since;
}

/** Whether a job is to be looked at now, or so soon that it can be at once. */
export function isDue(watched: WatchedJob, now: number): boolean {
  const { poll, instant } = watched.dueTimes();
  return poll <= now + TOGETHER_MS || instant <= now;
}

/** Which looks to begin: single ones, and a sweep of the list for these jobs; and when to choose again. */
export interface ChosenLooks {
  alone: Due[];
  bySweep?: Set<WatchedJob>;
  wakeAt: number;
}

/**
 * @param crowdSince since when there is a crowd; `undefined` if there is none. Looks that a crowd asks for
 * wait a moment for a common page.
 */
export function chooseLooks(
  due: DueLooks,
  list: ListSweep,
  budget: Pick<Budget, 'words' | 'isShort' | 'turnGapMs' | 'plan'>,
  crowdSince: number | undefined,
  now: number,
): ChosenLooks {
  const { isShort } = budget;
  const { alone, asked, welcome, next, polled } = isShort
    ? withoutPolls(due, list.startedAt + budget.turnGapMs, now)
    : due;
  if (asked.length + polled.length === 0) return { alone, wakeAt: next };
  if (!list.isUsable) {
    budget.plan(undefined);
    return { alone: [...alone, ...asked, ...polled], wakeAt: next };
  }
  const pages = list.pagesFor([...welcome].map(({ job }) => job.jobId)).length;
  budget.plan(pages);
  const isScarce = budget.words !== undefined;
  const pays = (perPage: number): boolean =>
    welcome.size >= pages * (isScarce ? JOBS_PER_PAGE.scarce : perPage);

  const inCompany = asked.length > 0 && (crowdSince !== undefined || isShort);
  const mayBegin = !list.underWay;
  if (mayBegin && polled.length > 0 && pays(JOBS_PER_PAGE.polled)) {
    return { alone: inCompany ? alone : [...alone, ...asked], bySweep: welcome, wakeAt: next };
  }
  if (!inCompany) return { alone: [...alone, ...asked, ...polled], wakeAt: next };
  // When the sweep under way ends, the looks are chosen again.
  if (!mayBegin) return { alone: [...alone, ...polled], wakeAt: next };
  const { shortest, perPage, longest, whenShort } = CROWD_SWEEP_MS;
  const atMostMs = isShort ? whenShort : Math.min(longest, perPage * pages);
  const gapMs = Math.min(atMostMs, Math.max(shortest, (now - (crowdSince ?? now)) / 2));
  const oldest = Math.min(...asked.map(({ since }) => since));
  const gatheredAt = isShort ? oldest + GATHER_MS : 0;
  const sweepAt = Math.max(list.startedAt + gapMs, gatheredAt);
  if (now >= sweepAt && pays(JOBS_PER_PAGE.asked)) {
    return { alone, bySweep: welcome, wakeAt: next };
  }
  // A job that has waited long enough for a common page gets a look of its own.
  const patienceEndsAt = Math.max(oldest + gapMs, sweepAt);
  if (now < patienceEndsAt) {
    // Whoever has a short interval waits no longer than that, unless calls are scarce.
    const hurried = isShort ? [] : asked;
    const late = hurried.filter(({ watched }) => watched.patienceEndsAt <= now);
    const ends = hurried.map(({ watched }) => watched.patienceEndsAt).filter((at) => at > now);
    const soonest = Math.min(...ends);
    const wakeAt = Math.min(next, soonest, now < sweepAt ? sweepAt : patienceEndsAt);
    return { alone: [...alone, ...late, ...polled], wakeAt };
  }
  return { alone: [...alone, ...asked, ...polled], wakeAt: next };
}

/**
 * While requests wait for their turns, the pages that are read for them show the other jobs too. Only
 * if no page was read for as long as from one turn to the next, a page may be read for the others.
 */
function withoutPolls(due: DueLooks, pollsAt: number, now: number): DueLooks {
  if (due.polled.length === 0 || (due.asked.length === 0 && now >= pollsAt)) return due;
  return { ...due, polled: [], next: Math.min(due.next, Math.max(pollsAt, now + GATHER_MS)) };
}

/** The `count` jobs that have been due for the longest, so that each gets its turn. */
export function longestDue(due: Due[], count: number): Due[] {
  return due.toSorted((a, b) => a.since - b.since).slice(0, count);
}
