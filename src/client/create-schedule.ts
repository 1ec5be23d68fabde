import { type Client, ScheduleAlreadyRunning, type ScheduleDescription } from '@temporalio/client';
import type { BatchInput } from '../domain/batch-options.js';
import { defined } from '../domain/defined.js';
import { batchId, restartId } from '../domain/ids.js';
import type { RestartInput } from '../domain/options.js';
import { parseBatchInput } from '../domain/parse-batch.js';
import { BATCH_WORKFLOW, DEFAULT_TASK_QUEUE, RESTART_WORKFLOW } from '../names.js';
import { InvalidInputError } from './errors.js';
import { parseTimes, type ScheduleTimes } from './schedule-times.js';
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

/** A changed key, such as `times` or `input.ifRunning`. Without a value before or after, `from` or `to` is absent. */
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
  const { projectId, jobId } = jobOf(input, options.projectId);
  const scheduleId = restartId(projectId, jobId);
  return put(client, options, {
    scheduleId,
    type: RESTART_WORKFLOW,
    // With an id of its own, the run joins a restart under way.
    workflowId: `schedule:${scheduleId}`,
    input: { ...input, jobId, projectId },
    summary: `restart job ${jobId} by schedule`,
  });
}

/**
 * Creates the schedule `restarts:<projectId>:<name>`, which restarts many jobs again and again, or
 * changes it. Otherwise works like `createRestartSchedule`. A selection is made anew at each start.
 *
 * @param input as `restartVisualizationJobs` takes it; it must have a name
 */
export async function createBatchSchedule(
  client: Client,
  input: BatchInput,
  options: ScheduleOptions,
): Promise<CreatedSchedule> {
  const given = { ...input, ...defined({ projectId: input.projectId ?? options.projectId }) };
  const parsed = parseBatchInput(given);
  const problems = parsed.ok ? [] : [...parsed.problems];
  const { projectId, name = '' } = given;
  if (projectId === undefined) {
    problems.push('projectId is missing: give it in the input or as an option');
  }
  if (name === '') problems.push('name is missing: the schedule is found by it');
  if (problems.length > 0) throw new InvalidInputError(problems);
  const scheduleId = batchId(projectId, name);
  return put(client, options, {
    scheduleId,
    type: BATCH_WORKFLOW,
    workflowId: scheduleId,
    input: given,
    summary: `restart the jobs of ${name} by schedule`,
  });
}

/** What a schedule starts. Temporal appends the time to the workflow id. */
interface Started {
  scheduleId: string;
  type: string;
  workflowId: string;
  input: object;
  summary: string;
}

async function put(
  client: Client,
  options: ScheduleOptions,
  { scheduleId, type, workflowId, input, summary }: Started,
): Promise<CreatedSchedule> {
  const { taskQueue = DEFAULT_TASK_QUEUE, paused, pauseOnFailure = false } = options;
  const { spec, catchUpMs } = parseTimes(options);
  const wanted = {
    spec,
    action: {
      type: 'startWorkflow' as const,
      workflowType: type,
      workflowId,
      taskQueue,
      args: [input],
      staticSummary: summary,
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
