/** The first and the longest pause after a transient failure. Each pause is twice the one before. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** The smallest pause, as a share of the time since the first try. The number of tries grows with the logarithm of that time. */
const SHARE_OF_TIME = 1 / 4;

/**
 * How long to pause before the next try.
 *
 * @param failures how many tries have failed in a row, from 1
 * @param retryAfterMs the pause that the service asked for; the result is never shorter
 * @param random jitter that spreads callers out: 0 to 1 gives 75 to 100 % of the full pause
 */
export function pauseAfter(failures: number, retryAfterMs = 0, random = 1): number {
  const step = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(retryAfterMs, Math.round(step * (0.75 + random / 4)));
}

/**
 * How long to pause between two tries. Each try leaves events in a workflow's history, so a week of
 * throttling must take about sixty tries, not thousands.
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
