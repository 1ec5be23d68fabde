/** First pause after something transient, and the longest one; each is twice the one before. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** A pause is at least this share of the time since the first try, so that tries grow with its logarithm. */
const SHARE_OF_TIME = 1 / 4;

/**
 * How long to pause before the next try.
 *
 * @param failures how many tries have failed in a row, from 1
 * @param retryAfterMs what the service asked for; never undercut
 * @param random a number in [0, 1) that spreads callers out: the pause is 75–100 % of its step
 */
export function pauseAfter(failures: number, retryAfterMs = 0, random = 1): number {
  const step = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(retryAfterMs, Math.round(step * (0.75 + random / 4)));
}

/**
 * How long to pause between two tries that each leave events in a workflow's history: in a week of
 * throttling there are some sixty tries, not thousands.
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
 * @returns at least 1, since Temporal takes a delay of 0 for "do not retry"
 */
export function trimToDeadline(pauseMs: number, nowMs: number, deadlineMs: number): number {
  return Math.max(1, Math.min(pauseMs, deadlineMs - nowMs));
}
