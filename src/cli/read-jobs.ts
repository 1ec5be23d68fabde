import { setTimeout as pause } from 'node:timers/promises';
import { readSettings, type Settings } from '../config.js';
import {
  adviceFor,
  codeOf,
  denialOf,
  type ReadAnswer,
  type ServiceError,
  withCode,
} from '../domain/answer.js';
import {
  type JobSelection,
  listQueryOf,
  MOST_PASSES,
  type ReadSelection,
} from '../domain/batch-options.js';
import { byJobId } from '../domain/ids.js';
import { parseSelection } from '../domain/parse-batch.js';
import { pauseAfter } from '../domain/retry.js';
import { SettingsError } from '../environment.js';
import { createModelArtsClient, type ModelArtsClient } from '../modelarts/client.js';
import type { ListedJob, ListPage } from '../modelarts/job-body.js';

/** ModelArts refused its list of jobs, or did not answer in time. */
export class JobsNotReadError extends Error {
  override readonly name = 'JobsNotReadError';
}

/** How long a page is asked for again while ModelArts throttles or is away. Short: somebody waits at a prompt. */
const PATIENCE_MS = 30_000;

/** Returns the settings for ModelArts, or a sentence on why there are none. */
export function settingsOf(environment: NodeJS.ProcessEnv): Settings | string {
  try {
    return readSettings(environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return 'the settings for ModelArts are not set here, or bad (see doctor)';
  }
}

/** Runs `act` with a client of ModelArts, and closes the client afterwards. */
export async function withModelArts<T>(
  settings: Settings,
  act: (modelarts: ModelArtsClient) => Promise<T>,
): Promise<T> {
  const modelarts = createModelArtsClient(settings);
  try {
    return await act(modelarts);
  } finally {
    await modelarts.close();
  }
}

/**
 * Reads all pages of a project's jobs that match, each job once, by ascending id.
 *
 * @throws JobsNotReadError if ModelArts refuses, or does not answer for 30 seconds
 */
export async function readJobs(
  modelarts: ModelArtsClient,
  projectId: string,
  selection: ReadSelection,
): Promise<ListedJob[]> {
  const read =
    (byStatus: boolean) =>
    (page: number): Promise<ListPage> =>
      readPage(modelarts, projectId, { ...listQueryOf(selection, byStatus), page });
  const matching = (jobs: Iterable<ListedJob>): ListedJob[] =>
    [...jobs]
      .filter(({ status }) => selection.status?.includes(status.code) ?? true)
      .sort((a, b) => byJobId(a.jobId, b.jobId));
  if (selection.status?.length === 1) {
    const { jobs, received, total } = await read(true)(1);
    if (received >= total) return matching(jobs);
  }
  const found = new Map<string, ListedJob>();
  for (let pass = 1; pass <= MOST_PASSES; pass += 1) {
    const rows = await readPass(read(false));
    // The last reading of a job counts.
    for (const job of rows.jobs) found.set(job.jobId, job);
    if (rows.isSteady) {
      const ids = new Set(rows.jobs.map(({ jobId }) => jobId));
      // Jobs that only an earlier pass showed have been deleted since.
      for (const jobId of found.keys()) if (!ids.has(jobId)) found.delete(jobId);
      break;
    }
  }
  return matching(found.values());
}

/** Reads all pages once. `isSteady` is false if a row may be missing, because the list changed meanwhile. */
async function readPass(
  read: (page: number) => Promise<ListPage>,
): Promise<{ jobs: ListedJob[]; isSteady: boolean }> {
  const rows: ListedJob[] = [];
  const totals = new Set<number>();
  let received = 0;
  for (let page = 1; ; page += 1) {
    const answer = await read(page);
    rows.push(...answer.jobs);
    totals.add(answer.total);
    received += answer.received;
    // An empty page is the last one, whatever the total says.
    if (received < answer.total && answer.received > 0) continue;
    const isComplete = received >= answer.total && totals.size === 1;
    return {
      jobs: rows,
      isSteady: isComplete && new Set(rows.map(({ jobId }) => jobId)).size === rows.length,
    };
  }
}

async function readPage(
  modelarts: ModelArtsClient,
  projectId: string,
  query: { page: number },
): Promise<ListPage> {
  const until = Date.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await modelarts.list(projectId, query);
    if (answer.kind === 'read') return answer.value;
    if (answer.kind === 'refused') {
      throw new JobsNotReadError(sentencesOn(answer));
    }
    const pauseMs = pauseAfter(attempt, answer.retryAfterMs, Math.random());
    if (Date.now() + pauseMs > until) throw new JobsNotReadError(sentencesOn(answer));
    await pause(pauseMs);
  }
}

/**
 * Makes a read, and repeats it once if its credentials were refused and may be taken now: the first answer has
 * corrected the clock that requests are signed by, or the token was renewed.
 */
export async function readTwice<T>(read: () => Promise<ReadAnswer<T>>): Promise<ReadAnswer<T>> {
  const answer = await read();
  const hasHealed = answer.kind === 'again' && denialOf(answer.error) !== undefined;
  return hasHealed ? read() : answer;
}

/** The code and the message of an answer by which ModelArts did not show what was asked for. */
export function whyOf(error: ServiceError): string {
  return withCode(error, error.httpStatus === undefined ? error.code : codeOf(error));
}

/** Says why ModelArts did not show what was asked for, and what to do. */
export function sentencesOn({
  kind,
  error,
}: {
  kind: 'refused' | 'again';
  error: ServiceError;
}): string {
  const why = whyOf(error).replace(/\.+$/, '');
  const isNetwork = error.code === undefined && error.httpStatus === undefined;
  const network = 'Check HW_REGION_NAME or MODELARTS_ENDPOINT, and the network.';
  const later = isNetwork ? network : 'Try again in a moment.';
  return `${why}. ${kind === 'refused' ? adviceFor(error) : later}`;
}

/** Parses a selection that is known to be valid. */
export function parsedSelection(select: JobSelection): ReadSelection {
  const parsed = parseSelection(select);
  if (!parsed.ok) throw new TypeError(parsed.problems.join('; '));
  return parsed.value;
}
