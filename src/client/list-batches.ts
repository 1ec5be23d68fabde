import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { projectInBatchId } from '../domain/ids.js';
import { BATCH_WORKFLOW } from '../names.js';
import { type BatchDescription, describeBatch } from './batches.js';
import { RestartNotFoundError } from './errors.js';
import { AT_A_TIME, DEFAULT_LIMIT, endedSince, type ListFilter } from './list-restarts.js';
import { ANSWER_WITHIN_MS, calling, callingWithin, isInvalidArgument } from './temporal-call.js';

/** A batch in a list. */
export interface ListedBatch extends BatchDescription {
  name?: string;
  /** Absent if neither its id nor a worker tells it. */
  projectId?: string;
}

/** Leaves out runs that continued as new, because only the last run shows the batch as it stands. */
const BATCHES = `WorkflowType = '${BATCH_WORKFLOW}' AND ExecutionStatus != 'ContinuedAsNew'`;

/**
 * Lists the batches that Temporal has: those under way, then the last ones that ended. With a project,
 * only those whose workflow id names it, as the ids of `startBatch` and of schedules do. Temporal's
 * lists lag behind by a moment.
 */
export async function listBatches(
  client: Client,
  {
    projectId,
    running,
    since,
    limit = DEFAULT_LIMIT,
  }: Pick<ListFilter, 'projectId' | 'running' | 'since' | 'limit'> = {},
): Promise<ListedBatch[]> {
  const state = running === undefined ? [] : [`ExecutionStatus ${running ? '=' : '!='} 'Running'`];
  const query = [BATCHES, ...state, ...endedSince(since)].join(' AND ');
  const prefix = projectId === undefined ? '' : `restarts:${projectId}:`;
  const rows = await rowsOf(client, query, prefix, limit);
  const found: ListedBatch[] = [];
  for (let at = 0; at < rows.length; at += AT_A_TIME) {
    const described = rows.slice(at, at + AT_A_TIME).map((row) => describe(client, row));
    found.push(...(await Promise.all(described)).filter((batch) => batch !== undefined));
  }
  return found;
}

/** A schedule appends the time of the start to the workflow id. */
const TIME = /^-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Finds the batch of a name, by the workflow id that the name makes (`batchId`). A schedule starts its
 * batches under that id with the time appended. Prefers a batch under way, then the newest one.
 *
 * @returns the workflow id: the given one, or that of a schedule's run
 */
export async function findBatch(client: Client, workflowId: string): Promise<string> {
  const own = await newestRun(client, workflowId);
  if (own?.isRunning === true) return workflowId;
  // Not those of another name that begins like this one.
  const isOwn = (id: string): boolean => TIME.test(id.slice(workflowId.length));
  const [scheduled] = await rowsOf(client, BATCHES, `${workflowId}-`, 1, isOwn);
  if (scheduled === undefined) return workflowId;
  const isNewer =
    own === undefined ||
    scheduled.status.name === 'RUNNING' ||
    scheduled.startTime.getTime() > own.startedAtMs;
  return isNewer ? scheduled.workflowId : workflowId;
}

async function newestRun(
  client: Client,
  workflowId: string,
): Promise<{ isRunning: boolean; startedAtMs: number } | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const described = await callingWithin(client, ANSWER_WITHIN_MS, () => handle.describe());
    const { status, startTime } = described;
    return { isRunning: status.name === 'RUNNING', startedAtMs: startTime.getTime() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Lists the newest workflows that match a query and whose id has this prefix, those under way first. */
async function rowsOf(
  client: Client,
  query: string,
  prefix: string,
  limit: number,
  isWanted = (_workflowId: string): boolean => true,
): Promise<WorkflowExecutionInfo[]> {
  const narrowed = prefix === '' ? query : `${query} AND WorkflowId STARTS_WITH '${prefix}'`;
  const fits = (id: string): boolean => id.startsWith(prefix) && isWanted(id);
  try {
    return await read(client, narrowed, fits, limit);
  } catch (error) {
    // Old servers do not know the operator.
    if (!isInvalidArgument(error)) throw error;
    return read(client, query, fits, limit);
  }
}

function read(
  client: Client,
  query: string,
  fits: (workflowId: string) => boolean,
  limit: number,
): Promise<WorkflowExecutionInfo[]> {
  return calling(client, async () => {
    const rows: WorkflowExecutionInfo[] = [];
    for await (const row of client.workflow.list({
      query,
      pageSize: Math.min(Math.max(limit, 20), 100),
    })) {
      // The first one under an id is the newest.
      const isKnown = rows.some(({ workflowId }) => workflowId === row.workflowId);
      if (fits(row.workflowId) && !isKnown) rows.push(row);
      if (rows.length >= limit) break;
    }
    return rows;
  });
}

/** `undefined` if Temporal has deleted the batch meanwhile. */
async function describe(
  client: Client,
  { workflowId }: WorkflowExecutionInfo,
): Promise<ListedBatch | undefined> {
  try {
    const batch = await describeBatch(client, { workflowId });
    const { name, projectId = projectInBatchId(workflowId) } = batch.progress ?? {};
    return { ...batch, ...defined({ name, projectId }) };
  } catch (error) {
    if (error instanceof RestartNotFoundError) return undefined;
    throw error;
  }
}
