import type { RateLimit } from '../../simulator/index.js';
import type { Pace } from '../usual/pace.js';

/** The limit of VPC's gateway: the only publicly reported limit that suits many jobs. */
const CALLS = 200;
const WINDOW_MS = 5 * 60_000;

/** A thousand jobs get the whole limit. A smoke test of fewer jobs gets less, so that it meets its limit too. */
const JOBS_PER_CALL = 5;

/** The default of `pollInterval`, and the least that it can be. */
const POLL_MS = 5_000;
const LEAST_POLL_MS = 1_000;

/** How long a job takes to come up, in reality. A guess. */
const UP_AFTER_MS = 60_000;

/** The pauses of Huawei Cloud's Terraform provider: 2, 4, 8 … minutes, at most 30. */
const FIRST_PAUSE_MS = 2 * 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/** A gateway with a limit, in a world in which time passes `scale` times faster. */
export interface Gateway {
  limit: RateLimit;
  /** For `MODELARTS_RATE_LIMIT`. */
  setting: string;
  upAfterMs: number;
  pace: Pace;
  /** How long one call for each job takes at the limit's rate. */
  leastMs: number;
}

export function gatewayFor(jobs: number, scale: number): Gateway {
  const calls = Math.min(CALLS, Math.ceil(jobs / JOBS_PER_CALL));
  const windowMs = WINDOW_MS / scale;
  return {
    limit: { policy: 'user', calls, windowMs },
    setting: `${calls}/${windowMs % 60_000 === 0 ? `${windowMs / 60_000}m` : `${windowMs / 1_000}s`}`,
    upAfterMs: UP_AFTER_MS / scale,
    pace: {
      pollMs: Math.max(LEAST_POLL_MS, POLL_MS / scale),
      firstPauseMs: FIRST_PAUSE_MS / scale,
      longestPauseMs: LONGEST_PAUSE_MS / scale,
    },
    leastMs: (jobs / calls) * windowMs,
  };
}

/** Says in a line how the times of a scaled run relate to real ones. */
export function scaleInWords(jobs: number, scale: number): string {
  const { limit, pace, upAfterMs } = gatewayFor(jobs, scale);
  const seconds = (ms: number): string => `${ms / 1_000} s`;
  return (
    `${jobs} jobs at ${limit.calls} calls per ${seconds(limit.windowMs)}: times are divided by ${scale}, ` +
    `a job is up after ${seconds(upAfterMs)}, and a look is due every ${seconds(pace.pollMs)}, ` +
    `which stands for ${seconds(pace.pollMs * scale)} (pollInterval can't be shorter than 1 s)`
  );
}
