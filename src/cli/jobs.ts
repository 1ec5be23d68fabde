import { type RestartUnderWay, restartsUnderWay } from '../client/index.js';
import { readSettings } from '../config.js';
import { defined } from '../domain/defined.js';
import { formatDuration } from '../domain/duration.js';
import { EXIT, type ExitCode } from '../exit.js';
import type { ListedJob } from '../modelarts/job-body.js';
import { readSelection, type SelectFlags } from './flags.js';
import { connect, needProject } from './connect.js';
import { print, printJson, table } from './output.js';
import { readJobs, withModelArts } from './read-jobs.js';

export interface JobsFlags extends SelectFlags {
  project?: string;
  json?: boolean;
}

/** `jobs`: lists the jobs that ModelArts has, each with its restart under way. */
export async function jobs(flags: JobsFlags): Promise<ExitCode> {
  const projectId = needProject(flags.project, process.env);
  const selection = readSelection(flags);
  const settings = readSettings(process.env);
  const { client } = await connect(process.env);
  const [listed, restarts] = await Promise.all([
    withModelArts(settings, (modelarts) => readJobs(modelarts, projectId, selection)),
    restartsUnderWay(client, projectId),
  ]);
  if (flags.json === true) {
    printJson(listed.map((job) => documentOf(job, restarts.get(job.jobId))));
  } else if (listed.length === 0) {
    print(Object.keys(selection).length === 0 ? 'No jobs.' : 'No job matches.');
  } else for (const line of rows(listed, restarts)) print(line);
  return EXIT.done;
}

function documentOf(
  { jobId, name, status, serviceUrl }: ListedJob,
  restart: RestartUnderWay | undefined,
): object {
  return {
    jobId,
    ...defined({ name }),
    status,
    ...defined({ serviceUrl }),
    restart: restart ?? null,
  };
}

/**
 * Makes the rows of the table. No column shows how long a job has had its status, because ModelArts'
 * documents contradict each other about the times in its list.
 */
function rows(
  listed: readonly ListedJob[],
  restarts: ReadonlyMap<string, RestartUnderWay>,
): string[] {
  const cells = listed.map(({ jobId, name = '', status }) => {
    const restart = restarts.get(jobId);
    if (restart === undefined) return [jobId, name, status.name, '', ''];
    const since = formatDuration(Date.now() - Date.parse(restart.startedAt));
    const { batch } = restart;
    return [
      jobId,
      name,
      status.name,
      `under way for ${since}`,
      batch?.name ?? batch?.workflowId ?? '',
    ];
  });
  const head = ['JOB', 'NAME', 'STATUS', 'RESTART', 'BATCH'];
  const isAnyOfBatch = cells.some((row) => row[4] !== '');
  return isAnyOfBatch
    ? table(head, cells)
    : table(
        head.slice(0, 4),
        cells.map((row) => row.slice(0, 4)),
      );
}
