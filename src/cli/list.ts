import { type ListedRestart, listRestarts, type OutcomeName } from '../client/index.js';
import { defined } from '../domain/defined.js';
import { formatDuration } from '../domain/duration.js';
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
  limit?: string;
  json?: boolean;
}

/** `list`: the restarts under way, then the last ones that ended. */
export async function list(flags: ListFlags): Promise<ExitCode> {
  const { project, job, outcome, running, limit = '20', json } = flags;
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError(`--limit must be 1–9999; got ${limit}`);
  if (job !== undefined && !isJobId(job)) {
    throw new UsageError(`--job must be a job id, such as 10; got ${JSON.stringify(job)}`);
  }
  // Lists all projects unless the flag names one. The environment's project is for jobs only.
  const projectId = project === undefined ? undefined : projectOf(project, process.env);
  const { client } = await connect(process.env);
  const restarts = await listRestarts(client, {
    ...defined({ projectId, jobId: job, outcome }),
    ...(running === true && { running: true }),
    limit: Number(limit),
  });
  if (json === true) {
    printJson(restarts);
    return EXIT.done;
  }
  if (restarts.length === 0) print('No restarts.');
  else for (const line of rows(restarts)) print(line);
  return EXIT.done;
}

function rows(restarts: readonly ListedRestart[]): string[] {
  const projects = new Set(restarts.map(({ projectId }) => projectId));
  const head = ['JOB', 'STATUS', 'OUTCOME', 'CODE', 'SINCE', 'WHO'];
  const cells = restarts.map((restart) => {
    const { jobId, running, outcome, progress, failure, startedAt, endedAt } = restart;
    const since = running
      ? (progress?.transitions.at(-1)?.at ?? startedAt)
      : (endedAt ?? startedAt);
    const state = running ? 'under way' : (failure?.type ?? 'ended');
    return [
      jobId,
      progress?.last?.name ?? '?',
      outcome ?? state,
      progress?.error?.code ?? '',
      `${formatDuration(Date.now() - Date.parse(since))} ago`,
      progress?.requestedBy ?? '',
    ];
  });
  if (projects.size === 1) return table(head, cells);
  const withProject = cells.map((row, index) => [restarts[index]!.projectId, ...row]);
  return table(['PROJECT', ...head], withProject);
}
