import {
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleSpecDescription,
  type ScheduleSummary,
} from '@temporalio/client';
import { formatDuration } from '../domain/duration.js';
import { defined } from '../domain/defined.js';
import { type JobRef, restartId } from '../domain/ids.js';
import type { BatchInput } from '../domain/batch-options.js';
import type { RestartInput } from '../domain/options.js';
import { BATCH_WORKFLOW, RESTART_WORKFLOW } from '../names.js';
import { RestartScheduleNotFoundError } from './errors.js';
import { calling } from './temporal-call.js';

/** Names a schedule: by its job, or by its id. */
export type ScheduleKey = JobRef | { scheduleId: string };

/** A schedule in the list. All times are ISO 8601 in UTC. */
export interface ListedSchedule {
  scheduleId: string;
  /** `0 3 * * *`, `every 24h` */
  times: string;
  paused: boolean;
  note?: string;
  /** When the next starts are due. Empty while the schedule is paused. */
  next: string[];
  /** The last restarts that the schedule started, the newest first. */
  recent: { at: string; workflowId: string }[];
}

export interface ScheduleDetails extends ListedSchedule {
  taskQueue: string;
  /** What each restart is started with. */
  input?: RestartInput | BatchInput | string | number;
  jitterMs: number;
  catchUpMs: number;
  overlap: string;
  pauseOnFailure: boolean;
  counts: { started: number; skipped: number; missed: number };
}

const SHOWN = 5;

const RESTARTING: readonly (string | undefined)[] = [RESTART_WORKFLOW, BATCH_WORKFLOW];

/** Lists the schedules that restart jobs, including those made with Temporal's own tools. */
export async function listRestartSchedules(client: Client): Promise<ListedSchedule[]> {
  return calling(client, async () => {
    const found: ListedSchedule[] = [];
    for await (const schedule of client.schedule.list()) {
      if (!RESTARTING.includes(schedule.action?.workflowType)) continue;
      found.push({ ...summaryOf(schedule), times: wordsOf(schedule.spec) });
    }
    return found;
  });
}

/** @throws RestartScheduleNotFoundError, like all functions below */
export async function describeRestartSchedule(
  client: Client,
  key: ScheduleKey,
): Promise<ScheduleDetails> {
  const schedule = await on(client, key, (_, description) => Promise.resolve(description));
  const { spec, action, policies, info } = schedule;
  const input = action.args?.[0] as RestartInput | BatchInput | undefined;
  return {
    ...summaryOf(schedule),
    times: wordsOf(spec),
    taskQueue: action.taskQueue,
    ...defined({ input }),
    jitterMs: spec.jitter ?? 0,
    catchUpMs: policies.catchupWindow,
    overlap: policies.overlap ?? 'SKIP',
    pauseOnFailure: policies.pauseOnFailure,
    counts: {
      started: info.numActionsTaken,
      skipped: info.numActionsSkippedOverlap,
      missed: info.numActionsMissedCatchupWindow,
    },
  };
}

/** Pauses a schedule, so that it starts nothing until it is resumed. */
export async function pauseRestartSchedule(
  client: Client,
  key: ScheduleKey,
  note = 'paused',
): Promise<void> {
  await on(client, key, (handle) => handle.pause(note));
}

export async function resumeRestartSchedule(
  client: Client,
  key: ScheduleKey,
  note = 'resumed',
): Promise<void> {
  await on(client, key, (handle) => handle.unpause(note));
}

/** Starts a restart now, even if the schedule is paused, or joins the restart under way. */
export async function triggerRestartSchedule(client: Client, key: ScheduleKey): Promise<void> {
  await on(client, key, (handle) => handle.trigger('ALLOW_ALL'));
}

/** Deletes a schedule. The restarts that it has started go on. */
export async function deleteRestartSchedule(client: Client, key: ScheduleKey): Promise<void> {
  await on(client, key, (handle) => handle.delete());
}

async function on<T>(
  client: Client,
  key: ScheduleKey,
  act: (handle: ScheduleHandle, description: ScheduleDescription) => Promise<T>,
): Promise<T> {
  const scheduleId = 'scheduleId' in key ? key.scheduleId : restartId(key.projectId, key.jobId);
  try {
    return await calling(client, async () => {
      const handle = client.schedule.getHandle(scheduleId);
      // Never touch a schedule that starts something else.
      const description = await handle.describe();
      if (!RESTARTING.includes(description.action.workflowType)) {
        throw new RestartScheduleNotFoundError(scheduleId);
      }
      return act(handle, description);
    });
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) throw new RestartScheduleNotFoundError(scheduleId);
    throw error;
  }
}

function summaryOf({
  scheduleId,
  state: { paused, note },
  info: { nextActionTimes, recentActions },
}: Pick<ScheduleSummary, 'scheduleId' | 'state' | 'info'>): Omit<ListedSchedule, 'times'> {
  return {
    scheduleId,
    paused,
    ...(note !== undefined && note !== '' && { note }),
    next: paused ? [] : nextActionTimes.slice(0, SHOWN).map((time) => time.toISOString()),
    recent: recentActions
      .toReversed()
      .slice(0, SHOWN)
      .map(({ takenAt, action: { workflow } }) => ({
        at: takenAt.toISOString(),
        workflowId: workflow.workflowId,
      })),
  };
}

/** The times that Temporal has stored, in words for people: `every 24h`, `0 3 * * * Asia/Shanghai`. */
export function wordsOf(spec: ScheduleSpecDescription | undefined): string {
  const { intervals = [], calendars = [], timezone } = spec ?? {};
  const words = [
    ...intervals.map(({ every }) => `every ${formatDuration(every)}`),
    ...calendars.map((calendar) => {
      const { minute, hour, dayOfMonth, month, dayOfWeek } = calendar;
      return [
        fieldOf(minute, 0, 59),
        fieldOf(hour, 0, 23),
        fieldOf(dayOfMonth, 1, 31),
        fieldOf(month.map(numbered(MONTHS, 1)), 1, 12),
        fieldOf(dayOfWeek.map(numbered(DAYS, 0)), 0, 6),
      ].join(' ');
    }),
  ];
  const zone = calendars.length > 0 && timezone ? ` ${timezone}` : '';
  return words.length === 0 ? 'never' : `${words.join(' and ')}${zone}`;
}

const MONTHS =
  'JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER';
const DAYS = 'SUNDAY MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY';

type Span<T> = { start: T; end: T; step: number };

function numbered(names: string, first: number): (range: Span<string>) => Span<number> {
  const numberOf = (name: string) => names.split(' ').indexOf(name) + first;
  return ({ start, end, step }) => ({ start: numberOf(start), end: numberOf(end), step });
}

function fieldOf(ranges: readonly Span<number>[], min: number, max: number): string {
  return (
    ranges
      .map(({ start, end, step }) => {
        const all = start === min && end === max;
        const range = all ? '*' : start === end ? String(start) : `${start}-${end}`;
        return step > 1 ? `${range}/${step}` : range;
      })
      .join(',') || '*'
  );
}
