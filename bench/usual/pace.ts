/** How often the patterns that the worker is compared with make their calls. */
export interface Pace {
  /** The time between two looks at a job. */
  pollMs: number;
  /** The pause after the first throttled call. */
  firstPauseMs: number;
  longestPauseMs: number;
}

/**
 * Returns how long to wait after this many throttled calls in a row: twice as long each time, as the
 * Terraform provider of Huawei Cloud does, with up to a quarter more or less, so that jobs that were
 * throttled together don't come back together.
 */
export function pauseMs({ firstPauseMs, longestPauseMs }: Pace, throttles: number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (throttles - 1));
  return pause * (0.75 + Math.random() / 2);
}
