import type { Client } from '@temporalio/client';
import {
  type BatchDescription,
  describeBatch,
  describeRestart,
  type RestartDescription,
  RestartNotFoundError,
} from '../client/index.js';
import { defined } from '../domain/defined.js';
import type { JobRef } from '../domain/ids.js';
import type { Status } from '../domain/status.js';
import { EXIT, type ExitCode } from '../exit.js';
import { connect } from './connect.js';
import { painter, print, printJson } from './output.js';
import { readTwice, sentencesOn, settingsOf, withModelArts } from './read-jobs.js';
import { countsOf, doing, ending, failureLine, missedTable, now, Story } from './story.js';
import { idOfBatch, type Target, targetOf } from './target.js';

interface StatusFlags {
  project?: string;
  json?: boolean;
}

/** `status <jobId or batch>` */
export async function status(word: string, flags: StatusFlags): Promise<ExitCode> {
  const target = targetOf(word, flags.project);
  const { client } = await connect(process.env);
  return target.kind === 'job'
    ? statusOfRestart(client, target, flags)
    : statusOfBatch(client, target, flags);
}

/** Shows how far a batch is, or how it ended. */
async function statusOfBatch(
  client: Client,
  target: Extract<Target, { kind: 'batch' }>,
  flags: StatusFlags,
): Promise<ExitCode> {
  const workflowId = await idOfBatch(client, target);
  const batch = await describeBatch(client, { workflowId });
  if (flags.json === true) printJson(batch);
  else for (const line of batchLines(batch)) print(line);
  return EXIT.done;
}

export function batchLines({
  workflowId,
  startedAt,
  running,
  canceled,
  progress,
  failure,
}: BatchDescription): string[] {
  const head = `batch     ${workflowId}, started ${startedAt}`;
  if (progress === undefined) return [head, withoutProgress({ running, failure })];
  const { failures, outcomes = [] } = progress;
  const paint = painter(process.stdout);
  return [
    head,
    ...(progress.phase === 'selecting' ? [] : [countsOf(progress)]),
    ...failures.map((line) => failureLine(line, paint)),
    canceled === true ? 'canceled' : doing(progress),
    ...missedTable(outcomes),
  ];
}

/** Says how a restart or a batch is whose progress is not known. */
function withoutProgress({
  running,
  failure,
}: {
  running: boolean;
  failure: { message: string } | undefined;
}): string {
  return running
    ? 'it is under way, but no worker answers: see who listens by "modelarts-restarter doctor"'
    : (failure?.message ?? 'ended');
}

/** Shows the job's status in ModelArts, and its newest restart. */
async function statusOfRestart(
  client: Client,
  { projectId, jobId }: JobRef,
  flags: StatusFlags,
): Promise<ExitCode> {
  const key = { projectId, jobId };
  const [job, restart] = await Promise.all([
    statusOfJob(key, process.env),
    describeRestart(client, key).catch((error: unknown) => {
      if (error instanceof RestartNotFoundError) return undefined;
      throw error;
    }),
  ]);
  if (flags.json === true) printJson({ ...key, job, restart: restart ?? null });
  else for (const line of [...jobLines(jobId, job), ...restartLines(restart)]) print(line);
  return restart === undefined && job.kind !== 'shown' ? EXIT.failed : EXIT.done;
}

function jobLines(jobId: string, job: JobStatus): string[] {
  switch (job.kind) {
    case 'shown': {
      const url = job.serviceUrl === undefined ? [] : [`          ${job.serviceUrl}`];
      return [`job       ${jobId} is ${job.status.name} (${job.status.code})`, ...url];
    }
    case 'not-shown':
      return [`job       ${jobId} can’t be read: ${job.why}`];
    case 'not-asked':
      return [`job       ${jobId} not asked for at ModelArts: ${job.why}`];
  }
}

export function restartLines(restart: RestartDescription | undefined): string[] {
  if (restart === undefined) return ['restart   none is known to Temporal'];
  const { workflowId, running, startedAt, progress, failure } = restart;
  const head = `restart   ${workflowId}, started ${startedAt}`;
  if (progress === undefined) return [head, withoutProgress({ running, failure })];
  const paint = painter(process.stdout);
  const story = new Story(paint).tell(progress);
  const { outcome, endedAt } = progress;
  const end =
    outcome === undefined || endedAt === undefined
      ? now(progress)
      : ending({ ...progress, outcome, endedAt }, paint);
  return [head, ...story, end];
}

/** A job's status in ModelArts; `not-asked` if this environment has no settings for ModelArts. */
type JobStatus =
  | { kind: 'shown'; status: Status; serviceUrl?: string }
  | { kind: 'not-shown'; why: string }
  | { kind: 'not-asked'; why: string };

/** Looks at a job, if this environment has the worker's settings. */
async function statusOfJob(job: JobRef, environment: NodeJS.ProcessEnv): Promise<JobStatus> {
  const settings = settingsOf(environment);
  if (typeof settings === 'string') return { kind: 'not-asked', why: settings };
  return withModelArts(settings, async (modelarts) => {
    const answer = await readTwice(() => modelarts.detail(job));
    if (answer.kind === 'read') {
      const { status, serviceUrl } = answer.value;
      return { kind: 'shown', status, ...defined({ serviceUrl }) };
    }
    return { kind: 'not-shown', why: sentencesOn(answer) };
  });
}
