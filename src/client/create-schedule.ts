import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleOptions as TemporalScheduleOptions,
} from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { formatDuration, parseDuration } from '../domain/duration.js';
import { restartId } from '../domain/ids.js';
import type { RestartInput } from '../domain/options.js';
import { DEFAULT_TASK_QUEUE, RESTART_WORKFLOW } from '../names.js';
import { InvalidInputError } from './errors.js';
import { jobOf } from './start-restart.js';
import { wordsOf } from './schedules.js';
import { calling } from './temporal-call.js';

export interface ScheduleOptions extends ScheduleTimes {
  /** The project to use if the input names none. */
  projectId?: string;
  /** Default `modelarts-restarts`. */
  taskQueue?: string;
  /** Starts nothing until resumed. By default a new schedule runs, and an existing one stays as it is. */
  paused?: boolean;
  /** Whether a failed restart pauses the schedule. Default `false`: the next start is a new try. */
  pauseOnFailure?: boolean;
}

/** The result: the schedule was created, existed with the same content, or was changed. */
export interface CreatedSchedule {
  scheduleId: string;
  result: 'created' | 'unchanged' | 'changed';
  /** The old and the new value of each change; only for `changed`. */
  changes?: ScheduleChange[];
}

/** `key`: such as `times` or `input.ifRunning`. A missing `from` or `to` means that there was no value. */
export interface ScheduleChange {
  key: string;
  from?: unknown;
  to?: unknown;
}

/**
 * Creates the schedule `restart:<projectId>:<jobId>`, which restarts a job again and again, or changes
 * it to what is asked for; idempotent. Skips a start while the schedule's last restart is under way.
 *
 * @throws InvalidInputError with every problem of the input and of the times
 */
export async function createRestartSchedule(
  client: Client,
  input: RestartInput,
  options: ScheduleOptions,
): Promise<CreatedSchedule> {
  const { taskQueue = DEFAULT_TASK_QUEUE, paused, pauseOnFailure = false } = options;
  const { projectId, jobId } = jobOf(input, options.projectId);
  const scheduleId = restartId(projectId, jobId);
  const { spec, catchUpMs } = parseTimes(options);
  const wanted = {
    spec,
    action: {
      type: 'startWorkflow' as const,
      workflowType: RESTART_WORKFLOW,
      // Temporal appends the time to this id. With an id of its own, the run joins a restart under way.
      workflowId: `schedule:${scheduleId}`,
      taskQueue,
      args: [{ ...input, jobId, projectId }],
      staticSummary: `restart job ${jobId} by schedule`,
    },
    policies: { overlap: 'SKIP' as const, catchupWindow: catchUpMs, pauseOnFailure },
  };
  try {
    return await calling(client, async () => {
      try {
        await client.schedule.create({ scheduleId, ...wanted, state: { paused: paused ?? false } });
        return { scheduleId, result: 'created' };
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      }
      // Compares what Temporal stores before and after, because it rewrites its input (cron becomes calendars).
      const handle = client.schedule.getHandle(scheduleId);
      const before = await handle.describe();
      await handle.update(({ state }) => ({
        ...wanted,
        state: { ...state, paused: paused ?? state.paused },
      }));
      const after = await handle.describe();
      if (asText(before) === asText(after)) return { scheduleId, result: 'unchanged' };
      return { scheduleId, result: 'changed', changes: changesOf(before, after) };
    });
  } catch (error) {
    // The SDK throws a TypeError if Temporal rejects the spec.
    if (error instanceof TypeError) throw new InvalidInputError([`the times: ${error.message}`]);
    throw error;
  }
}

/** The schedule's definition, without its past and next runs. */
function asText({ raw }: ScheduleDescription): string {
  return JSON.stringify(raw.schedule);
}

function changesOf(before: ScheduleDescription, after: ScheduleDescription): ScheduleChange[] {
  const [from, to] = [factsOf(before), factsOf(after)];
  const keys = [...new Set([...from.keys(), ...to.keys()])];
  const isInput = (key: string) => key.startsWith('input.');
  const inputKeys = keys.filter(isInput).toSorted();
  return [...inputKeys, ...keys.filter((key) => !isInput(key))].flatMap((key) => {
    const [old, now] = [from.get(key), to.get(key)];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    return [{ key, ...defined({ from: old, to: now }) }];
  });
}

/** The schedule's definition by key, in the form that `changes` shows. */
function factsOf({ spec, action, policies, state }: ScheduleDescription): Map<string, unknown> {
  const given: unknown = action.args?.[0];
  // An input may be a bare job id.
  const input = given instanceof Object ? given : { jobId: String(given) };
  return new Map<string, unknown>([
    ...Object.entries(input).map(([key, value]) => [`input.${key}`, value] as const),
    ['times', wordsOf(spec)],
    ['jitterMs', spec.jitter ?? 0],
    ['catchUpMs', policies.catchupWindow],
    ['overlap', policies.overlap ?? 'SKIP'],
    ['pauseOnFailure', policies.pauseOnFailure],
    ['paused', state.paused],
    ['taskQueue', action.taskQueue],
    ['workflowType', action.workflowType],
    ['workflowId', action.workflowId],
  ]);
}

/** When a schedule restarts its job: exactly one of `cron` and `every`. */
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
function parseTimes(times: ScheduleTimes): Pick<TemporalScheduleOptions, 'spec'> & {
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
