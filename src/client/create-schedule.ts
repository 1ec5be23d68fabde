import { ScheduleAlreadyRunning, type Client, type ScheduleDescription } from '@temporalio/client';
import type { RestartInput } from '../domain/request.js';
import { restartId } from '../domain/restart-id.js';
import { DEFAULT_TASK_QUEUE } from '../names.js';
import { InvalidInputError } from './errors.js';
import { jobOf } from './job-of.js';
import { parseTimes, type ScheduleTimes } from './schedule-spec.js';
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
      workflowType: 'restartVisualizationJob',
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
      const isSame = asText(before) === asText(await handle.describe());
      return { scheduleId, result: isSame ? 'unchanged' : 'changed' };
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
