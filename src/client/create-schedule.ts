import { ScheduleAlreadyRunning, type Client, type ScheduleDescription } from '@temporalio/client';
import { defined } from '../domain/defined.js';
import type { RestartInput } from '../domain/options.js';
import { restartId } from '../domain/ids.js';
import { DEFAULT_TASK_QUEUE, RESTART_WORKFLOW } from '../names.js';
import { InvalidInputError } from './errors.js';
import { jobOf } from './job-of-input.js';
import { parseTimes, wordsOf, type ScheduleTimes } from './schedule-spec.js';
import { calling } from './temporal-call.js';

export interface ScheduleOptions extends ScheduleTimes {
  /** The project of an input that names none. */
  projectId?: string;
  /** Default `modelarts-restarts`. */
  taskQueue?: string;
  /** Starts nothing until it is resumed. Not said: a new one runs, an existing one stays as it is. */
  paused?: boolean;
  /** A restart that fails pauses the schedule; default no: the next night is a new try. */
  pauseOnFailure?: boolean;
}

/** What became of the schedule: it was not there, it was the very same, or it was another and is now this. */
export interface CreatedSchedule {
  scheduleId: string;
  result: 'created' | 'unchanged' | 'changed';
  /** What was changed, each from what to what; only where it was. */
  changes?: ScheduleChange[];
}

/** A key of the schedule's details, such as `times` or `input.ifRunning`; a side without a value is absent. */
export interface ScheduleChange {
  key: string;
  from?: unknown;
  to?: unknown;
}

/**
 * Restarts a job again and again: makes the schedule `restart:<projectId>:<jobId>`, or changes it to
 * what is asked for. A start while the last one's restart is still under way is left out.
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
      // An id of its own, to which Temporal appends the time: so it joins a restart under way.
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
      // Temporal rewrites what it is given (cron becomes calendars), so what it made of both is compared.
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
    // The SDK makes one of what Temporal says of a bad spec.
    if (error instanceof TypeError) throw new InvalidInputError([`the times: ${error.message}`]);
    throw error;
  }
}

/** The schedule itself, without what has come of it so far. */
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

/** What a schedule is, by the keys of its details. */
function factsOf({ spec, action, policies, state }: ScheduleDescription): Map<string, unknown> {
  const given: unknown = action.args?.[0];
  // A bare job id stands for an input.
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
