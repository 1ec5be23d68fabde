import { describeRestart, type RestartDescription, RestartNotFoundError } from '../client/index.js';
import { readSettings } from '../config.js';
import { defined } from '../domain/defined.js';
import type { JobRef } from '../domain/ids.js';
import { adviceFor, codeOf, withCode } from '../domain/answer.js';
import type { Status } from '../domain/status.js';
import { SettingsError } from '../environment.js';
import { createModelArtsClient } from '../modelarts/client.js';
import { EXIT, type ExitCode } from '../exit.js';
import { connect, needProject } from './connect.js';
import { painter, print, printJson } from './output.js';
import { inputOf } from './restart-options.js';
import { ending, now, Story } from './story.js';

/** `status <jobId>`: shows the job's status in ModelArts, and its newest restart. */
export async function status(
  jobId: string,
  flags: { project?: string; json?: boolean },
): Promise<ExitCode> {
  const projectId = needProject(flags.project, process.env);
  inputOf(jobId, {}, projectId, undefined);
  const key = { projectId, jobId };
  const { client } = await connect(process.env);
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
  if (progress === undefined) {
    return [head, running ? 'it runs; no worker says where it is' : (failure?.message ?? 'ended')];
  }
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
  let settings;
  try {
    settings = readSettings(environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { kind: 'not-asked', why: 'the settings for it are not set here, or bad (see doctor)' };
  }
  const modelarts = createModelArtsClient(settings);
  try {
    const answer = await modelarts.detail(job);
    if (answer.kind === 'read') {
      const { status, serviceUrl } = answer.value;
      return { kind: 'shown', status, ...defined({ serviceUrl }) };
    }
    const { error } = answer;
    const advice = answer.kind === 'refused' ? ` ${adviceFor(error)}` : '';
    const why = withCode(error, error.httpStatus === undefined ? error.code : codeOf(error));
    return { kind: 'not-shown', why: `${why}.${advice}` };
  } finally {
    await modelarts.close();
  }
}
