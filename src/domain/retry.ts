/** The first and the longest pause after something transient. Each pause is twice the one before. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** The smallest pause, as a share of the time since the first try: so the tries grow with its logarithm. */
const SHARE_OF_TIME = 1 / 4;

/**
 * How long to pause before the next try.
 *
 * @param failures how many tries have failed in a row, from 1
 * @param retryAfterMs what the service asked for; never undercut
 * @param random spreads callers out: from 0 to 1, for a pause of 75 to 100 % of its step
 */
export function pauseAfter(failures: number, retryAfterMs = 0, random = 1): number {
  const step = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(retryAfterMs, Math.round(step * (0.75 + random / 4)));
}

/**
 * How long to pause between two tries. Each try leaves events in a workflow's history, so a week of
 * throttling must take some sixty tries, not thousands.
 *
 * @param tries how many tries have failed, from 1
 * @param sinceFirstMs the time since the first of them
 */
export function pauseBetweenTries(
  tries: number,
  sinceFirstMs: number,
  retryAfterMs: number,
  random: number,
): number {
  const share = Math.round(sinceFirstMs * SHARE_OF_TIME * (0.75 + random / 4));
  return Math.max(share, pauseAfter(tries, retryAfterMs, random));
}

/**
 * Trims a pause so that the last try falls on the deadline instead of being lost past it.
 *
 * @returns at least 1, because Temporal takes a delay of 0 for "do not retry"
 */
export function trimToDeadline(pauseMs: number, nowMs: number, deadlineMs: number): number {
  return Math.max(1, Math.min(pauseMs, deadlineMs - nowMs));
}
