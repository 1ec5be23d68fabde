import {
  listBatches,
  type ListedBatch,
  type ListedRestart,
  listRestarts,
  type OutcomeName,
} from '../client/index.js';
import { defined } from '../domain/defined.js';
import { parseDuration } from '../domain/duration.js';
import { isJobId } from '../domain/parse-options.js';
import { EXIT, type ExitCode } from '../exit.js';
import { connect, projectOf } from './connect.js';
import { UsageError } from './errors.js';
import { print, printJson, table } from './output.js';

export interface ListFlags {
  project?: string;
  job?: string;
  outcome?: OutcomeName;
  running?: boolean;
  since?: string;
  limit?: string;
  json?: boolean;
}

/** `list`: the restarts and batches under way, then the last ones that ended. */
export async function list(flags: ListFlags): Promise<ExitCode> {
  const { project, job, outcome, running, since, limit = '20', json } = flags;
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError(`--limit must be 1–9999; got ${limit}`);
  if (job !== undefined && !isJobId(job)) {
    throw new UsageError(`--job must be a job id, such as 10; got ${JSON.stringify(job)}`);
  }
  // Lists all projects unless the flag names one. The environment's project is for jobs only.
  const projectId = project === undefined ? undefined : projectOf(project, process.env);
  const filter = {
    ...defined({ projectId }),
    ...(running === true && { running: true }),
    ...(since !== undefined && { since: readSince(since) }),
    limit: Number(limit),
  };
  const { client } = await connect(process.env);
  // These flags are about single restarts. A batch has many jobs and many outcomes.
  const isAboutRestarts = job !== undefined || outcome !== undefined;
  const [restarts, batches] = await Promise.all([
    listRestarts(client, { ...filter, ...defined({ jobId: job, outcome }) }),
    isAboutRestarts ? [] : listBatches(client, filter),
  ]);
  const listed: Listed[] = [
    ...batches.map((batch) => ({ type: 'batch' as const, ...batch })),
    ...restarts.map((restart) => ({ type: 'restart' as const, ...restart })),
  ];
  const shown = listed.sort(byEnd).slice(0, filter.limit);
  if (json === true) printJson(shown);
  else if (shown.length === 0) print('No restarts.');
  else for (const line of lines(shown)) print(line);
  return EXIT.done;
}

/** An instant, from a duration before now or from a time as ISO 8601 writes it. */
function readSince(text: string): Date {
  const ms = parseDuration(text);
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const instant = new Date(ms !== undefined ? Date.now() - ms : isTime ? text : Number.NaN);
  if (!Number.isNaN(instant.getTime())) return instant;
  throw new UsageError(
    `--since must be a duration such as 24h, or a time such as 2026-11-24T07:00:00Z; got ${JSON.stringify(text)}`,
  );
}

type Listed = ({ type: 'restart' } & ListedRestart) | ({ type: 'batch' } & ListedBatch);

/**
 * Puts those under way first. Among them, batches stay before restarts, because the restarts of a batch
 * could fill the list.
 */
function byEnd(a: Listed, b: Listed): number {
  if (a.running && b.running) return 0;
  const endOf = ({ running, endedAt = '' }: Listed) => (running ? '~' : endedAt);
  return endOf(a) < endOf(b) ? 1 : endOf(a) > endOf(b) ? -1 : 0;
}

const HEAD = ['PROJECT', 'JOB', 'STATUS', 'OUTCOME', 'CODE', 'SINCE', 'WHO', 'REASON', 'BATCH'];

/** The longest reason in a line, in characters; `--json` has the whole one. */
const SHOWN_REASON = 40;

function lines(listed: readonly Listed[]): string[] {
  const isAnyOfBatch = listed.some((row) => row.type === 'restart' && row.batch !== undefined);
  const head = isAnyOfBatch ? HEAD : HEAD.slice(0, -1);
  const cells = listed.map((row) =>
    (row.type === 'batch' ? batchCells(row) : restartCells(row)).slice(0, head.length),
  );
  return table(head, cells);
}

function restartCells(restart: ListedRestart): string[] {
  const { projectId, jobId, running, outcome, progress, failure, startedAt, endedAt, batch } =
    restart;
  const since = running ? (progress?.transitions.at(-1)?.at ?? startedAt) : (endedAt ?? startedAt);
  const state = running ? 'under way' : (failure?.type ?? 'ended');
  return [
    projectId,
    jobId,
    progress?.last?.name ?? '?',
    outcome ?? state,
    progress?.error?.code ?? '',
    time(since),
    progress?.requestedBy ?? '',
    cut(progress?.reason ?? ''),
    batch?.name ?? batch?.workflowId ?? '',
  ];
}

function batchCells(batch: ListedBatch): string[] {
  const { projectId, workflowId, name, running, canceled, progress, failure, startedAt, endedAt } =
    batch;
  const { total = 0, finished = 0, running: up = 0 } = progress ?? {};
  // In a workflow id that the client has made, the last part is enough to name the batch.
  const own = /^restarts:[^:]+:([^:]+)$/.exec(workflowId)?.[1];
  const isAsked = progress !== undefined && progress.phase !== 'selecting';
  const counts = isAsked ? `${finished + up} of ${total} got there` : (failure?.type ?? '?');
  return [
    projectId ?? '',
    `batch ${name ?? own ?? workflowId}`,
    running ? 'under way' : canceled === true ? 'canceled' : 'ended',
    counts,
    '',
    time(endedAt ?? startedAt),
    progress?.requestedBy ?? '',
    cut(progress?.reason ?? ''),
    '',
  ];
}

/** To the second, in UTC. */
const time = (iso: string): string => iso.replace(/\.\d+Z$/, 'Z');

function cut(text: string): string {
  const characters = [...text.replaceAll(/\s+/g, ' ')];
  if (characters.length <= SHOWN_REASON) return characters.join('');
  return `${characters.slice(0, SHOWN_REASON - 1).join('')}…`;
}
