import type { ScheduleOptions as TemporalScheduleOptions } from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { formatDuration, parseDuration } from '../domain/duration.js';
import { InvalidInputError } from './errors.js';

/** When a schedule starts its restarts: exactly one of `cron` and `every`. */
export interface ScheduleTimes {
  /** A cron expression of five fields, such as `0 3 * * *`. */
  cron?: string;
  /** A duration of 1m–365d, such as `"24h"`. */
  every?: string | number;
  /** An IANA name such as `Asia/Shanghai`, for `cron`; default UTC. */
  timezone?: string;
  /** Delays each start by a random time up to this; default `"1m"`, but at most a tenth of `every`. */
  jitter?: string | number;
  /** Skips starts that were missed longer ago than this, while Temporal was away; default `"5m"`. */
  catchUp?: string | number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Spreads restarts that are scheduled for the same minute. */
const JITTER_MS = MINUTE_MS;

/** Temporal's own default is a year. After an outage, it would restart a job for a night long past. */
const CATCH_UP_MS = 5 * MINUTE_MS;

/** Temporal's shortest catch-up window. */
const SHORTEST_CATCH_UP_MS = 10_000;

/** Reads the times. Throws one error with every problem. */
export function parseTimes(times: ScheduleTimes): Pick<TemporalScheduleOptions, 'spec'> & {
  catchUpMs: number;
} {
  const problems: string[] = [];
  const span = (key: keyof ScheduleTimes, fallbackMs: number, minMs: number, maxMs: number) => {
    const value = times[key];
    const ms = value === undefined ? fallbackMs : parseDuration(value);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    const range = `${formatDuration(minMs)}–${formatDuration(maxMs)}`;
    problems.push(
      `${key} must be a duration of ${range}, such as "24h"; got ${JSON.stringify(value)}`,
    );
    return fallbackMs;
  };
  const { cron, every, timezone } = times;
  if ((cron === undefined) === (every === undefined)) {
    problems.push('give either cron, such as "0 3 * * *", or every, such as "24h"');
  }
  if (cron !== undefined && cron.trim().split(/\s+/).length !== 5) {
    problems.push(
      `cron must have five fields, such as "0 3 * * *" for 3 o’clock each day; got ${JSON.stringify(cron)}`,
    );
  }
  if (timezone !== undefined && !isTimezone(timezone)) {
    problems.push(`timezone must be an IANA name, such as "Asia/Shanghai"; got "${timezone}"`);
  }
  if (timezone !== undefined && cron === undefined) problems.push('timezone needs cron');
  const everyMs = every === undefined ? undefined : span('every', DAY_MS, MINUTE_MS, 365 * DAY_MS);
  const usualJitterMs = Math.min(JITTER_MS, Math.floor((everyMs ?? Infinity) / 10));
  const jitter = span('jitter', usualJitterMs, 0, DAY_MS);
  const catchUpMs = span('catchUp', CATCH_UP_MS, SHORTEST_CATCH_UP_MS, 365 * DAY_MS);
  if (problems.length > 0) throw new InvalidInputError(problems);
  const spec = {
    ...(cron !== undefined && { cronExpressions: [cron.trim()] }),
    ...(everyMs !== undefined && { intervals: [{ every: everyMs }] }),
    ...defined({ timezone }),
    jitter,
  };
  return { spec, catchUpMs };
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}
