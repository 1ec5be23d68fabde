import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { BatchInput } from '../domain/batch-options.js';
import type { BatchOutcome, BatchProgress, JobFailure } from '../domain/batch-outcome.js';
import { defined } from '../domain/defined.js';
import { failureOfBatch } from '../domain/failures.js';
import { batchId } from '../domain/ids.js';
import { parseBatchInput } from '../domain/parse-batch.js';
import { BATCH_WORKFLOW } from '../names.js';
import { type CanceledRestart, type CancelOptions, cancelWorkflow } from './cancel-restart.js';
import { askProgress, type DescribeOptions, factsOf, restartEnd } from './describe-restart.js';
import { InvalidInputError, RestartNotFoundError } from './errors.js';
import { followProgress, type FollowOptions } from './follow-restart.js';
import { openWorkflow, type OpenOptions, whoStarts } from './start-restart.js';
import { calling } from './temporal-call.js';

const WORKER_WITHIN_MS = 3_000;

/** A busy worker needs some seconds. Temporal gives it ten. */
const LAST_FAILURES_WITHIN_MS = 10_000;

/** The message about a batch that ended without an outcome. `$` stands for how it ended. */
const GONE = 'the batch is gone: $ in Temporal. The restarts that were under way go on.';

/** What the progress of an ended batch has beside the outcome. */
const NOTHING_LEFT = { phase: 'done' as const, waiting: 0, underWay: 0, jobs: [], failures: [] };

/** A batch that a worker has taken up. */
export interface StartedBatch {
  /** `restarts:<projectId>:<name>`; without a name, with a random last part. */
  workflowId: string;
  /** The first run. A batch of many jobs goes on in further runs under the same id. */
  runId: string;
  /** Whether a batch of this name was under way already. This call's input has no effect then. */
  joined: boolean;
}

/** Names a batch: the result of `startBatch`, or a workflow id alone. */
export interface BatchKey {
  workflowId: string;
  /** The first run; default: the newest. */
  runId?: string;
}

/** A batch, as Temporal knows it. */
export interface BatchDescription {
  workflowId: string;
  /** The newest run. */
  runId: string;
  taskQueue: string;
  running: boolean;
  startedAt: string;
  endedAt?: string;
  /** Absent if the batch is under way and no worker answers, or ended without an outcome. */
  progress?: BatchProgress;
  /** The failure that the workflow ended with. */
  failure?: { type: string; message: string };
  /** The workflow ended as canceled. */
  canceled?: boolean;
}

/**
 * Restarts many jobs in one call, or joins the batch of the same name that is under way. Returns once a
 * worker has taken the batch up. To learn how it ends, pass the result to `followBatch`.
 *
 * @param input as `restartVisualizationJobs` takes it
 * @throws InvalidInputError before anything is sent; NoWorkerError; TemporalUnreachableError; TemporalRefusedError
 */
export async function startBatch(
  client: Client,
  input: BatchInput,
  options: OpenOptions = {},
): Promise<StartedBatch> {
  const given = { ...input, ...defined({ projectId: input.projectId ?? options.projectId }) };
  const parsed = parseBatchInput(given);
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  const { projectId, name, jobIds } = parsed.value;
  const what = jobIds === undefined ? 'the jobs of a selection' : `${jobIds.length} jobs`;
  return openWorkflow(client, options, {
    type: BATCH_WORKFLOW,
    workflowId: batchId(projectId, name ?? randomUUID()),
    input: { requestedBy: whoStarts(client), ...defined(given) },
    summary: `restart ${what}`,
  });
}

/**
 * Follows a batch: yields its progress on each change, and at last its outcome with `phase: 'done'`,
 * also if jobs did not get there or the batch was canceled. Waits through the absence of a worker.
 *
 * @throws RestartNotFoundError; RestartError if it ended without an outcome (bad input, terminated);
 * TemporalUnreachableError if Temporal stays away
 */
export async function* followBatch(
  client: Client,
  { workflowId, runId }: BatchKey,
  options: FollowOptions = {},
): AsyncGenerator<BatchProgress, void, undefined> {
  const newest = client.workflow.getHandle(workflowId);
  let own: BatchProgress | undefined;
  for await (const progress of followRuns(client, workflowId, runId, options)) {
    // A later batch of the same name may answer the query for the newest run.
    if (own !== undefined && progress.startedAt !== own.startedAt) continue;
    own = progress;
    // At the end comes the workflow's result, which lacks what only a batch under way has.
    const end = { ...NOTHING_LEFT, ...progress };
    const isMissing = end.phase === 'done' && failureOfBatch(end) !== undefined;
    yield isMissing ? { ...end, failures: await lastFailures(client, newest) } : end;
  }
  // It has ended as canceled, and Temporal no longer tells how its jobs ended.
  if (own !== undefined && own.phase !== 'done') {
    yield { ...own, phase: 'done', endedAt: new Date().toISOString() };
  }
}

/** Follows the runs of a batch, each of which Temporal deletes some days after its end. */
async function* followRuns(
  client: Client,
  workflowId: string,
  firstRunId: string | undefined,
  options: FollowOptions,
): AsyncGenerator<BatchProgress, void, undefined> {
  const newest = client.workflow.getHandle(workflowId);
  for (let runId = firstRunId; ;) {
    // `chain` has the result, which comes from the last run. An earlier run's progress no longer changes.
    const chain = client.workflow.getHandle(workflowId, runId);
    try {
      yield* followProgress<BatchProgress, BatchOutcome>(client, chain, options, newest, GONE);
      return;
    } catch (error) {
      if (!(error instanceof RestartNotFoundError) || firstRunId === undefined) throw error;
      const now = await calling(client, () => newest.describe()).catch(() => undefined);
      const isOwn = now?.raw.workflowExecutionInfo?.firstRunId === firstRunId;
      if (!isOwn || now.runId === runId) throw error;
      runId = now.runId;
    }
  }
}

/** Asks a worker for the last failures of an ended batch. Returns none if no worker answers in time. */
async function lastFailures(client: Client, newest: WorkflowHandle): Promise<JobFailure[]> {
  try {
    const { failures } = await askProgress<BatchProgress>(client, newest, LAST_FAILURES_WITHIN_MS);
    return failures;
  } catch {
    return [];
  }
}

/**
 * Asks a batch to end as canceled. It sends nothing more, cancels the restarts that it started, and
 * waits for their ends; each restart's `onCancel` counts. Restarts that it joined go on.
 *
 * @throws RestartNotFoundError if none is under way, or if the workflow is no batch
 */
export function cancelBatch(
  client: Client,
  { workflowId }: BatchKey,
  options: CancelOptions = {},
): Promise<CanceledRestart> {
  return cancelWorkflow(client, { workflowId }, options, true);
}

/**
 * Tells how far a batch is, or how it ended.
 *
 * @throws RestartNotFoundError if Temporal knows none (it deletes ended ones after its retention), or
 * if the workflow is no batch
 */
export async function describeBatch(
  client: Client,
  { workflowId }: BatchKey,
  { workerWithinMs = WORKER_WITHIN_MS }: DescribeOptions = {},
): Promise<BatchDescription> {
  const newest = client.workflow.getHandle(workflowId);
  const { type, ...facts } = await factsOf(client, newest);
  if (type !== BATCH_WORKFLOW) throw new RestartNotFoundError(workflowId, 'batch');
  const { runId, running } = facts;
  const handle = client.workflow.getHandle(workflowId, runId);
  const end = running ? undefined : await restartEnd<BatchOutcome>(client, handle, GONE);
  if (end === undefined || end.kind === 'canceled') {
    const progress = await askProgress<BatchProgress>(client, handle, workerWithinMs).catch(
      () => undefined,
    );
    // The progress says when the first run started. Temporal says it of the newest run alone.
    const startedAt = progress?.startedAt ?? facts.startedAt;
    return { ...facts, startedAt, ...defined({ progress }), ...(end && { canceled: true }) };
  }
  const { outcome } = end;
  return {
    ...facts,
    ...(outcome && { startedAt: outcome.startedAt, progress: { ...NOTHING_LEFT, ...outcome } }),
    ...(end.kind === 'failed' && { failure: end.failure }),
  };
}
