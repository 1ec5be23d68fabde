import {
  createRestartSchedule,
  deleteRestartSchedule,
  describeRestartSchedule,
  listRestartSchedules,
  pauseRestartSchedule,
  restartId,
  resumeRestartSchedule,
  type ScheduleChange,
  type ScheduleDetails,
  type ScheduleKey,
  triggerRestartSchedule,
} from '../client/index.js';
import { defined } from '../domain/defined.js';
import { formatDuration } from '../domain/duration.js';
import { EXIT, type ExitCode } from '../exit.js';
import { connect, needProject, taskQueueOf } from './connect.js';
import { print, printJson, table, tell } from './output.js';
import { inputOf, milliseconds, type RestartFlags } from './restart-options.js';

export interface CreateFlags extends RestartFlags {
  cron?: string;
  every?: string;
  timezone?: string;
  jitter?: string;
  catchUp?: string;
  paused?: boolean;
  pauseOnFailure?: boolean;
  json?: boolean;
}

/** The flags of verbs that act on an existing schedule. */
export interface KeyFlags {
  project?: string;
  note?: string;
  json?: boolean;
}

/** Not the user's name, so that the same schedule created by two users is identical. */
const REQUESTED_BY = 'schedule';

const SAID = {
  created: 'created',
  unchanged: 'is there already, the very same: nothing changed',
  changed: 'was there, and is changed:',
} as const;

/** `schedule create <jobId>` */
export async function create(jobId: string, flags: CreateFlags): Promise<ExitCode> {
  const projectId = needProject(flags.project, process.env);
  const input = inputOf(jobId, flags, projectId, REQUESTED_BY);
  const { cron, every, timezone, jitter, catchUp, paused, pauseOnFailure, json } = flags;
  const { client } = await connect(process.env);
  const { scheduleId, result, changes } = await createRestartSchedule(client, input, {
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

/** `schedule describe <jobId or scheduleId>` */
export async function describe(id: string, flags: KeyFlags): Promise<ExitCode> {
  const { client } = await connect(process.env);
  const schedule = await describeRestartSchedule(client, keyOf(id, flags));
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
  trigger: { act: triggerRestartSchedule, said: 'is triggered: a restart starts now' },
  delete: { act: deleteRestartSchedule, said: 'is deleted; restarts that it started go on' },
} as const;

export type ScheduleAct = keyof typeof ACTS;

/** `schedule pause|resume|trigger|delete <jobId or scheduleId>` */
export async function act(verb: ScheduleAct, id: string, flags: KeyFlags): Promise<ExitCode> {
  const key = keyOf(id, flags);
  const { client } = await connect(process.env);
  await ACTS[verb].act(client, key, flags.note);
  const scheduleId = 'scheduleId' in key ? key.scheduleId : restartId(key.projectId, key.jobId);
  if (flags.json === true) printJson({ scheduleId, done: verb });
  else print(`schedule ${scheduleId} ${ACTS[verb].said}`);
  return EXIT.done;
}

/** Digits are a job's id. Anything else is the id of a schedule. */
function keyOf(id: string, flags: KeyFlags): ScheduleKey {
  if (!/^\d+$/.test(id)) return { scheduleId: id };
  const projectId = needProject(flags.project, process.env);
  inputOf(id, {}, projectId, undefined);
  return { projectId, jobId: id };
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
