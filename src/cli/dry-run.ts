import { type BatchInput, InvalidInputError, type RestartInput } from '../client/index.js';
import { readSettings } from '../config.js';
import { MOST_JOBS, TOO_MANY_SELECTED } from '../domain/batch-options.js';
import { defined } from '../domain/defined.js';
import { batchId, restartId } from '../domain/ids.js';
import type { Status } from '../domain/status.js';
import { EXIT, type ExitCode } from '../exit.js';
import type { ModelArtsClient } from '../modelarts/client.js';
import { print, printJson, table, tell } from './output.js';
import {
  JobsNotReadError,
  readJobs,
  parsedSelection,
  settingsOf,
  withModelArts,
} from './read-jobs.js';

interface Shown {
  jobId: string;
  name?: string;
  /** Absent if ModelArts can't be asked, or does not show the job. */
  status?: Status;
}

/** The most jobs that are looked at one by one, because the list does not show them: those of other workspaces. */
const MOST_SINGLE_LOOKS = 20;

/** `restart <jobId…> --dry-run`: says what would be sent, and sends nothing. */
export async function dryRunOfRestarts(
  inputs: readonly RestartInput[],
  projectId: string,
  { json = false }: { json?: boolean },
): Promise<ExitCode> {
  const jobs = await lookAt(
    inputs.map(({ jobId }) => String(jobId)),
    projectId,
  );
  const { jobId: _, projectId: __, ...options } = inputs[0]!;
  return show(jobs, projectId, { options }, json);
}

/** `restart --dry-run` for a batch: says which jobs would be restarted, and sends nothing. */
export async function dryRunOfBatch(
  input: BatchInput,
  projectId: string,
  { json = false }: { json?: boolean },
): Promise<ExitCode> {
  const { jobIds, select, projectId: _, ...options } = input;
  const { name } = input;
  const batch = name === undefined ? null : batchId(projectId, name);
  const jobs: readonly Shown[] =
    jobIds === undefined
      ? await withModelArts(readSettings(process.env), (modelarts) =>
          readJobs(modelarts, projectId, parsedSelection(select)),
        )
      : await lookAt([...new Set(jobIds.map(String))], projectId);
  if (jobs.length > MOST_JOBS) throw new InvalidInputError([TOO_MANY_SELECTED]);
  return show(jobs, projectId, { batch, ...defined({ select }), options }, json);
}

function show(
  jobs: readonly Shown[],
  projectId: string,
  what: { batch?: string | null; select?: object; options: object },
  json: boolean,
): ExitCode {
  const sent = jobs.map(({ jobId, name, status }) => ({
    jobId,
    ...defined({ name, status }),
    workflowId: restartId(projectId, jobId),
  }));
  if (json) {
    printJson({ dryRun: true, projectId, ...what, jobs: sent });
    return EXIT.done;
  }
  if (jobs.length === 0) {
    print('No job matches: nothing would be sent.');
    return EXIT.done;
  }
  const rows = sent.map(({ jobId, name = '', status, workflowId }) => [
    jobId,
    name,
    status?.name ?? '?',
    workflowId,
  ]);
  for (const line of table(['JOB', 'NAME', 'STATUS', 'WORKFLOW'], rows)) print(line);
  // A batch without a name gets a random id when it starts, so its id can't be shown.
  if (what.batch !== undefined) print(`batch    ${what.batch ?? 'without a name'}`);
  print(`options  ${JSON.stringify(what.options)}`);
  print(`A dry run: nothing was sent. ${jobs.length === 1 ? '1 job' : `${jobs.length} jobs`}`);
  return EXIT.done;
}

/** Reads the jobs' names and statuses. Leaves them out if ModelArts can't be asked. */
async function lookAt(jobIds: readonly string[], projectId: string): Promise<Shown[]> {
  const settings = settingsOf(process.env);
  if (typeof settings === 'string') {
    tell(`ModelArts is not asked for names and statuses: ${settings}`);
    return jobIds.map((jobId) => ({ jobId }));
  }
  return withModelArts(settings, (modelarts) => lookWith(modelarts, jobIds, projectId));
}

async function lookWith(
  modelarts: ModelArtsClient,
  jobIds: readonly string[],
  projectId: string,
): Promise<Shown[]> {
  const listed = new Map<string, Shown>();
  try {
    for (const job of await readJobs(modelarts, projectId, {})) listed.set(job.jobId, job);
  } catch (error) {
    if (!(error instanceof JobsNotReadError)) throw error;
    tell(`ModelArts does not show its list: ${error.message}`);
  }
  const others = jobIds.filter((jobId) => !listed.has(jobId)).slice(0, MOST_SINGLE_LOOKS);
  for (const jobId of others) {
    const answer = await modelarts.detail({ projectId, jobId });
    if (answer.kind === 'read') listed.set(jobId, { jobId, status: answer.value.status });
  }
  return jobIds.map((jobId) => listed.get(jobId) ?? { jobId });
}
