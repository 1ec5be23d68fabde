import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { defined } from '../domain/defined.js';
import { jobInId, restartId } from '../domain/ids.js';
import type { OutcomeName } from '../domain/outcome.js';
import { RESTART_WORKFLOW, SEARCH_ATTRIBUTE } from '../names.js';
import { describeRestart, type RestartDescription } from './describe-restart.js';
import { type BatchOfRestart, batchOf } from './batch-of-restart.js';
import { RestartNotFoundError } from './errors.js';
import { calling, isInvalidArgument } from './temporal-call.js';

/** Which restarts to list. Each key narrows the list. */
export interface ListFilter {
  projectId?: string;
  jobId?: string;
  outcome?: OutcomeName;
  /** Only those that are under way, or only those that have ended. */
  running?: boolean;
  /** Only those that are under way, or have ended at this time or later. */
  since?: Date;
  /** Default 20. */
  limit?: number;
}

/** A restart in a list, with the job that its workflow id names. */
export interface ListedRestart extends RestartDescription {
  projectId: string;
  jobId: string;
  /** Absent if no batch has started the restart. */
  batch?: BatchOfRestart;
}

/** How many entries a list has by default. */
export const DEFAULT_LIMIT = 20;

/** How many restarts, or batches, are described at a time. */
export const AT_A_TIME = 10;

/** At most this many of the newest restarts are read if the server can't filter by outcome. */
const READ_AT_MOST = 1_000;

const OUTCOME_ATTRIBUTE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.outcome, 'KEYWORD');

const OF_THIS_TYPE = `WorkflowType = '${RESTART_WORKFLOW}'`;

/** The workflow states that an outcome can have. All other outcomes have Failed. */
const STATES_OF: Partial<Record<OutcomeName, string[]>> = {
  running: ['Completed'],
  finished: ['Completed'],
  canceled: ['Canceled'],
  unknown: ['Failed', 'Terminated', 'TimedOut'],
};

/**
 * Lists the restarts that Temporal has: those under way, then the last ones that ended, without
 * joiners. Temporal's lists lag behind by a moment. Search attributes make it faster, but are not
 * needed: restarts without them are found by reading each one.
 */
export async function listRestarts(
  client: Client,
  filter: ListFilter = {},
): Promise<ListedRestart[]> {
  const { outcome, limit = DEFAULT_LIMIT } = filter;
  const found: ListedRestart[] = [];
  const seen = new Set<string>();
  for (const { query, byAttribute } of queriesFor(filter)) {
    try {
      let read = 0;
      for await (const group of groups(client, query, filter)) {
        const rows = group.filter(({ info: { runId } }) => !seen.has(runId));
        for (const { info } of rows) seen.add(info.runId);
        const described = await Promise.all(rows.map((row) => describe(client, row)));
        read += group.length;
        for (const row of described) {
          if (row === undefined) continue;
          if (outcome !== undefined && row.outcome !== outcome) continue;
          found.push(row);
          if (found.length >= limit) return found;
        }
        if (read >= READ_AT_MOST) break;
      }
      // An attribute does not find restarts from before it was registered, so the next query follows.
      if (!byAttribute) return found;
    } catch (error) {
      // The server does not know this attribute or operator. The next query needs less.
      if (!isInvalidArgument(error)) throw error;
    }
  }
  return found;
}

interface Query {
  query: string;
  /** Whether the query finds only restarts that wrote their search attributes. */
  byAttribute: boolean;
}

/** From the most exact query to the one that every server takes. `rowOf` and `listRestarts` check the rest. */
function queriesFor({ projectId, jobId, outcome, running, since }: ListFilter): Query[] {
  const state =
    running !== undefined
      ? [`ExecutionStatus ${running ? '=' : '!='} 'Running'`]
      : outcome !== undefined
        ? [
            `(${(STATES_OF[outcome] ?? ['Failed']).map((name) => `ExecutionStatus = '${name}'`).join(' OR ')})`,
          ]
        : [];
  const id =
    projectId !== undefined && jobId !== undefined
      ? [`WorkflowId = '${restartId(projectId, jobId)}'`]
      : [`WorkflowId STARTS_WITH 'restart:${projectId === undefined ? '' : `${projectId}:`}'`];
  const exact = [
    ...(jobId === undefined || projectId !== undefined
      ? []
      : [`${SEARCH_ATTRIBUTE.jobId} = '${jobId}'`]),
    ...(outcome === undefined ? [] : [`${SEARCH_ATTRIBUTE.outcome} = '${outcome}'`]),
  ];
  const query = (parts: string[], byAttribute = false): Query => ({
    query: [OF_THIS_TYPE, ...state, ...endedSince(since), ...parts].join(' AND '),
    byAttribute,
  });
  return [...(exact.length > 0 ? [query([...id, ...exact], true)] : []), query(id), query([])];
}

/** The part of a query that leaves out what ended before; none without a time. */
export function endedSince(since: Date | undefined): string[] {
  if (since === undefined) return [];
  return [`(ExecutionStatus = 'Running' OR CloseTime >= '${since.toISOString()}')`];
}

interface Row {
  info: WorkflowExecutionInfo;
  projectId: string;
  jobId: string;
}

/** Yields the rows of a query in groups, because those of a group are described at the same time. */
async function* groups(
  client: Client,
  query: string,
  filter: ListFilter,
): AsyncGenerator<Row[], void, undefined> {
  const rows = client.workflow.list({ query, pageSize: 100 })[Symbol.asyncIterator]();
  let group: Row[] = [];
  for (;;) {
    const next = await calling(client, () => rows.next());
    if (next.done === true) break;
    const row = rowOf(next.value, filter);
    if (row !== undefined) group.push(row);
    if (group.length < AT_A_TIME) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function rowOf(info: WorkflowExecutionInfo, filter: ListFilter): Row | undefined {
  const job = jobInId(info.workflowId);
  if (job === undefined) return undefined;
  const { projectId = job.projectId, jobId = job.jobId } = filter;
  if (job.projectId !== projectId || job.jobId !== jobId) return undefined;
  // A restart whose attribute has another outcome need not be read.
  const written = info.typedSearchAttributes.get(OUTCOME_ATTRIBUTE);
  if (written !== undefined && written !== (filter.outcome ?? written)) return undefined;
  return { info, ...job };
}

/** `undefined` if Temporal has deleted the restart meanwhile. */
async function describe(client: Client, { info, ...job }: Row): Promise<ListedRestart | undefined> {
  const { workflowId, runId } = info;
  try {
    const description = await describeRestart(client, { workflowId, runId });
    return { ...job, ...description, ...defined({ batch: batchOf(info) }) };
  } catch (error) {
    if (error instanceof RestartNotFoundError) return undefined;
    throw error;
  }
}

/** A restart under way, as Temporal's list shows it. */
export interface RestartUnderWay {
  workflowId: string;
  runId: string;
  startedAt: string;
  batch?: BatchOfRestart;
}

/**
 * Finds the restarts under way in a project, by job id. Makes one listing, however many there are.
 * Temporal's lists lag behind by a moment.
 */
export async function restartsUnderWay(
  client: Client,
  projectId: string,
): Promise<Map<string, RestartUnderWay>> {
  const running = `${OF_THIS_TYPE} AND ExecutionStatus = 'Running'`;
  try {
    return await underWayBy(
      client,
      projectId,
      `${running} AND WorkflowId STARTS_WITH 'restart:${projectId}:'`,
    );
  } catch (error) {
    // Old servers do not know the operator.
    if (!isInvalidArgument(error)) throw error;
    return underWayBy(client, projectId, running);
  }
}

function underWayBy(
  client: Client,
  projectId: string,
  query: string,
): Promise<Map<string, RestartUnderWay>> {
  return calling(client, async () => {
    const found = new Map<string, RestartUnderWay>();
    for await (const info of client.workflow.list({ query, pageSize: 1_000 })) {
      const job = jobInId(info.workflowId);
      if (job?.projectId !== projectId) continue;
      const { workflowId, runId, startTime } = info;
      found.set(job.jobId, {
        workflowId,
        runId,
        startedAt: startTime.toISOString(),
        ...defined({ batch: batchOf(info) }),
      });
    }
    return found;
  });
}
