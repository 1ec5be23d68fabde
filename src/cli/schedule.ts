import type { Client } from '@temporalio/client';
import {
  createBatchSchedule,
  createRestartSchedule,
  deleteRestartSchedule,
  describeRestartSchedule,
  listRestartSchedules,
  pauseRestartSchedule,
  InvalidInputError,
  RestartScheduleNotFoundError,
  resumeRestartSchedule,
  type CreatedSchedule,
  type ScheduleChange,
  type ScheduleOptions,
  type ScheduleDetails,
  triggerRestartSchedule,
} from '../client/index.js';
import { defined } from '../domain/defined.js';
import { formatDuration } from '../domain/duration.js';
import { batchId, restartId } from '../domain/ids.js';
import { EXIT, type ExitCode } from '../exit.js';
import { asksForBatch, type BatchFlags, batchInputOf, inputOf, milliseconds } from './flags.js';
import { connect, needProject, projectOf, taskQueueOf } from './connect.js';
import { print, printJson, table, tell } from './output.js';

export type CreateFlags = BatchFlags & {
  cron?: string;
  every?: string;
  timezone?: string;
  jitter?: string;
  catchUp?: string;
  paused?: boolean;
  pauseOnFailure?: boolean;
  json?: boolean;
};

/** The flags of verbs that act on an existing schedule. */
export interface KeyFlags {
  project?: string;
  note?: string;
  json?: boolean;
}

/** Who requests scheduled restarts. Not the user's name, so that two users create identical schedules. */
const REQUESTED_BY = 'schedule';

const SAID = {
  created: 'created',
  unchanged: 'is there already with these settings: nothing changed',
  changed: 'was there, and is changed:',
} as const;

/** `schedule create <jobId>`, or with a selection and a name in its place */
export async function create(jobId: string | undefined, flags: CreateFlags): Promise<ExitCode> {
  const projectId = needProject(flags.project, process.env);
  const made = scheduleOf(jobId, flags, projectId);
  const { cron, every, timezone, jitter, catchUp, paused, pauseOnFailure, json } = flags;
  const { client } = await connect(process.env);
  const { scheduleId, result, changes } = await made(client, {
    taskQueue: taskQueueOf(process.env),
    ...defined({
      cron,
      every: milliseconds(every),
      timezone,
      jitter: milliseconds(jitter),
      catchUp: milliseconds(catchUp),
      paused,
      pauseOnFailure,
    }),
  });
  const schedule = await describeRestartSchedule(client, { scheduleId });
  if (json === true) printJson({ result, ...defined({ changes }), ...schedule });
  else {
    print(`schedule ${scheduleId} ${SAID[result]}`);
    for (const line of changeLines(changes ?? [])) print(line);
    for (const line of detailLines(schedule)) print(line);
  }
  if (!schedule.paused && schedule.next.length === 0) {
    tell(`schedule ${scheduleId} never starts anything: no time fits ${schedule.times}`);
  }
  return EXIT.done;
}

type Make = (client: Client, options: ScheduleOptions) => Promise<CreatedSchedule>;

/** Reads what the schedule is to start. Throws one error with every problem. */
function scheduleOf(jobId: string | undefined, flags: CreateFlags, projectId: string): Make {
  if (jobId !== undefined && !asksForBatch(flags)) {
    const input = inputOf(jobId, flags, projectId, REQUESTED_BY);
    return (client, options) => createRestartSchedule(client, input, options);
  }
  const problems: string[] = [];
  if (jobId !== undefined) {
    problems.push('a schedule is of one job, or of a selection with a name: leave the job id out');
  } else if (flags.name === undefined) {
    problems.push('--name is missing: the schedule of a selection is found by it');
  }
  try {
    const input = batchInputOf(jobId === undefined ? [] : [jobId], flags, projectId, REQUESTED_BY);
    if (problems.length > 0) throw new InvalidInputError([]);
    return (client, options) => createBatchSchedule(client, input, options);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError([...problems, ...error.problems]);
  }
}

/** `schedule list` */
export async function list(flags: { json?: boolean }): Promise<ExitCode> {
  const { client } = await connect(process.env);
  const schedules = await listRestartSchedules(client);
  if (flags.json === true) printJson(schedules);
  else if (schedules.length === 0) print('No schedules.');
  else {
    const rows = schedules.map(({ scheduleId, times, paused, next, recent }) => [
      scheduleId,
      times,
      paused ? 'paused' : (next[0] ?? 'never'),
      recent[0]?.at ?? 'never',
    ]);
    for (const line of table(['SCHEDULE', 'TIMES', 'NEXT', 'LAST'], rows)) print(line);
  }
  return EXIT.done;
}

/** `schedule describe <jobId, name or scheduleId>` */
export async function describe(word: string, flags: KeyFlags): Promise<ExitCode> {
  const ids = idsOf(word, flags);
  const { client } = await connect(process.env);
  const schedule = await byId(ids, (scheduleId) => describeRestartSchedule(client, { scheduleId }));
  if (flags.json === true) printJson(schedule);
  else {
    print(`schedule ${schedule.scheduleId}`);
    for (const line of detailLines(schedule)) print(line);
  }
  return EXIT.done;
}

const ACTS = {
  pause: { act: pauseRestartSchedule, said: 'is paused: it starts nothing until it is resumed' },
  resume: { act: resumeRestartSchedule, said: 'is resumed' },
  trigger: { act: triggerRestartSchedule, said: 'is triggered: it starts now' },
  delete: { act: deleteRestartSchedule, said: 'is deleted; restarts that it started go on' },
} as const;

export type ScheduleAct = keyof typeof ACTS;

/** `schedule pause|resume|trigger|delete <jobId, name or scheduleId>` */
export async function act(verb: ScheduleAct, word: string, flags: KeyFlags): Promise<ExitCode> {
  const ids = idsOf(word, flags);
  const { client } = await connect(process.env);
  const done = await byId(ids, async (scheduleId) => {
    await ACTS[verb].act(client, { scheduleId }, flags.note);
    return scheduleId;
  });
  if (flags.json === true) printJson({ scheduleId: done, done: verb });
  else print(`schedule ${done} ${ACTS[verb].said}`);
  return EXIT.done;
}

/**
 * The ids that a word may stand for. Digits are a job's id. Anything else is the id of a schedule,
 * whoever made it, or the name of a selection.
 */
function idsOf(word: string, flags: KeyFlags): [string, ...string[]] {
  if (/^\d+$/.test(word)) {
    const projectId = needProject(flags.project, process.env);
    inputOf(word, {}, projectId, undefined);
    return [restartId(projectId, word)];
  }
  const projectId = projectOf(flags.project, process.env);
  return projectId === undefined || word.includes(':') ? [word] : [word, batchId(projectId, word)];
}

/** Acts on the first of these ids that a schedule has. */
async function byId<T>(
  [scheduleId, ...others]: [string, ...string[]],
  act: (scheduleId: string) => Promise<T>,
): Promise<T> {
  try {
    return await act(scheduleId);
  } catch (error) {
    const [next] = others;
    if (!(error instanceof RestartScheduleNotFoundError) || next === undefined) throw error;
    return act(next);
  }
}

/** The keys of a change that `describe` shows under another name. */
const NAMES: Record<string, string> = {
  jitterMs: 'put off by',
  catchUpMs: 'missed',
  pauseOnFailure: 'failure',
  taskQueue: 'task queue',
};

function changeLines(changes: readonly ScheduleChange[]): string[] {
  const rows = changes.map(({ key, from, to }) => {
    const word = (value: unknown) => {
      if (value === undefined) return 'not said';
      if (key.endsWith('Ms')) return formatDuration(Number(value));
      if (key === 'pauseOnFailure') return value === true ? 'pauses it' : 'pauses nothing';
      return typeof value === 'string' ? value : JSON.stringify(value);
    };
    return [NAMES[key] ?? key.replace(/^input\./, ''), `${word(from)} → ${word(to)}`];
  });
  return table(['', ''], rows)
    .slice(1)
    .map((line) => `  ${line}`);
}

function detailLines(schedule: ScheduleDetails): string[] {
  const { times, jitterMs, catchUpMs, overlap, pauseOnFailure, taskQueue, input } = schedule;
  const { paused, note, next, recent, counts } = schedule;
  const overlaps = overlap === 'SKIP' ? 'left out while one is under way' : overlap;
  return [
    `times      ${times}, put off by up to ${formatDuration(jitterMs)}`,
    `missed     made up for within ${formatDuration(catchUpMs)}; ${overlaps}`,
    `restarts   ${JSON.stringify(input)} on ${taskQueue}`,
    `failure    ${pauseOnFailure ? 'pauses it' : 'pauses nothing'}`,
    `state      ${paused ? 'paused' : 'runs'}${note === undefined ? '' : ` (${note})`}`,
    `next       ${next.join(', ') || 'none'}`,
    `so far     ${counts.started} started, ${counts.skipped} left out, ${counts.missed} missed`,
    ...recent.map(({ at, workflowId }) => `           ${at} ${workflowId}`),
  ];
}
