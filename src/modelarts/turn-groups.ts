import { type RateLimit, spacingMs } from './rate-limit.js';

/** How many requests have their turn at the same instant, at most. One page of the list serves them all. */
const LARGEST_GROUP = 48;

/** The share of a limit that turns are planned for. The rest is room for a request that is late for its turn. */
export const PLANNED_SHARE = 0.99;

/** A request whose turn comes within this time waits in place, which costs its workflow no event. */
export const WAIT_IN_PLACE_MS = 5_000;

/** Requests that share a turn, the looks that go with them, and the time from one turn to the next. */
interface Group {
  size: number;
  looks: number;
  gapMs: number;
}

/**
 * Sizes the groups so that a whole number of them fits a period. Then each period holds as many calls
 * as the last.
 *
 * @param pagesPerRound how many pages of the list a round of looks reads; `undefined` if looks go one by one
 */
export function groupUnder(caps: readonly RateLimit[], pagesPerRound: number | undefined): Group {
  const spacing = spacingMs(caps);
  // Under a limit per second, a group takes several periods.
  const periods = (windowMs: number) => Math.max(1, WAIT_IN_PLACE_MS / windowMs);
  const atOnce = Math.min(...caps.map(({ calls, windowMs }) => periods(windowMs) * calls));
  // Two rounds of looks go with a group: before its requests, and right after them.
  const pages = 2 * (pagesPerRound ?? Infinity);
  const groups = Math.ceil(atOnce / (LARGEST_GROUP + Math.min(pages, 2 * LARGEST_GROUP)));
  const calls = Math.floor(atOnce / groups);
  const size = Math.max(1, calls - pages, Math.floor(calls / 3));
  const looks = Math.min(pages, 2 * size);
  return { size, looks, gapMs: ((size + looks) * spacing) / PLANNED_SHARE };
}
