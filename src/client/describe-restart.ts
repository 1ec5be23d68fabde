import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ApplicationFailure,
  CancelledFailure,
  type Client,
  TerminatedFailure,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { readFailure } from '../domain/failures.js';
import { type JobRef, restartId } from '../domain/ids.js';
import type { OutcomeName, RestartOutcome, RestartProgress } from '../domain/outcome.js';
import { RestartNotFoundError, TemporalUnreachableError } from './errors.js';
import {
  ANSWER_WITHIN_MS,
  calling,
  callingWithin,
  isBusy,
  notWaitingWhereBusy,
} from './temporal-call.js';

const WORKER_WITHIN_MS = 3_000;
const QUERY_WITHIN_MS = 5_000;

/**
 * How long to wait for the first answer to a query, before it is repeated; twice as long for each further one.
 * A query that comes just as the restart ends may get no answer (server 1.32).
 */
const ASK_AGAIN_AFTER_MS = 1_000;

/** The first pause while Temporal is busy. A worker that is there needs only milliseconds per task. */
const BUSY_PAUSE_MS = 50;
const LONGEST_BUSY_PAUSE_MS = 800;

/** Names a restart: by its job, or by its workflow id. */
export type RestartKey = JobRef | { workflowId: string; runId?: string };

/** A restart, as Temporal knows it. */
export interface RestartDescription {
  workflowId: string;
  runId: string;
  taskQueue: string;
  running: boolean;
  startedAt: string;
  endedAt?: string;
  /** How it ended. Needs no worker. Absent if it is under way, or was refused for a bad input. */
  outcome?: OutcomeName;
  /** Its progress or outcome. Absent if it is under way and no worker answers, or ended without one. */
  progress?: RestartProgress;
  /** The failure that the workflow ended with. */
  failure?: { type: string; message: string };
}

export interface DescribeOptions {
  /** How long to wait for a worker to report the progress; default 3000. */
  workerWithinMs?: number;
}

/**
 * Tells how far the newest restart of a job is, or how it ended.
 *
 * @throws RestartNotFoundError if Temporal knows none (it deletes ended ones after its retention)
 */
export async function describeRestart(
  client: Client,
  key: RestartKey,
  options: DescribeOptions = {},
): Promise<RestartDescription> {
  const { workerWithinMs = WORKER_WITHIN_MS } = options;
  const workflowId = idOf(key);
  const newest = client.workflow.getHandle(workflowId, 'runId' in key ? key.runId : undefined);
  const { type: _, ...facts } = await factsOf(client, newest);
  const { runId, running } = facts;
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  const asked = async () => {
    const progress = await askProgress(client, handle, workerWithinMs).catch(() => undefined);
    return { ...facts, ...defined({ progress }) };
  };
  if (running) return asked();
  const end = await restartEnd(client, handle);
  if (end.kind === 'canceled') return { ...(await asked()), outcome: 'canceled' };
  const outcome = end.outcome?.outcome ?? (isLost(end) ? 'unknown' : undefined);
  return {
    ...facts,
    ...defined({ outcome }),
    ...(end.outcome && { progress: { ...end.outcome, phase: 'done' as const } }),
    ...(end.kind === 'failed' && { failure: end.failure }),
  };
}

/** What Temporal tells of a workflow without a worker. */
interface WorkflowFacts {
  type: string;
  workflowId: string;
  runId: string;
  taskQueue: string;
  running: boolean;
  startedAt: string;
  endedAt?: string;
}

/**
 * Asks Temporal for what it knows of a workflow.
 *
 * @throws RestartNotFoundError if Temporal knows none
 */
export async function factsOf(
  client: Client,
  handle: Pick<WorkflowHandle, 'workflowId' | 'describe'>,
): Promise<WorkflowFacts> {
  const { workflowId } = handle;
  const { type, runId, taskQueue, status, startTime, closeTime } = await callingWithin(
    client,
    ANSWER_WITHIN_MS,
    () => handle.describe(),
  ).catch((error: unknown) => {
    throw error instanceof WorkflowNotFoundError
      ? new RestartNotFoundError(workflowId, 'any')
      : error;
  });
  return {
    type,
    workflowId,
    runId,
    taskQueue,
    running: status.name === 'RUNNING',
    startedAt: startTime.toISOString(),
    ...defined({ endedAt: closeTime?.toISOString() }),
  };
}

/** Whether the restart was terminated or timed out in Temporal. */
const isLost = (end: RestartEnd): boolean =>
  end.kind === 'failed' && end.failure.type === 'RestartUnknown';

/** The workflow id that a key stands for. */
export function idOf(key: RestartKey): string {
  return 'workflowId' in key ? key.workflowId : restartId(key.projectId, key.jobId);
}

/** What to say of a restart that ended without an outcome; `$`: how it ended. */
const GONE = 'the restart is gone: $ in Temporal. Look at the job before you restart it.';

/** How a restart ended. `failed` has the failure that the workflow ended with. */
export type RestartEnd<O = RestartOutcome> =
  | { kind: 'completed'; outcome: O }
  | { kind: 'failed'; outcome?: O; failure: { type: string; message: string } }
  | { kind: 'canceled' };

/** Waits for a restart's end. A canceled workflow has no result; ask it for its outcome by query. */
export async function restartEnd<O = RestartOutcome>(
  client: Client,
  handle: WorkflowHandle,
  goneMessage = GONE,
): Promise<RestartEnd<O>> {
  try {
    const outcome = (await calling(client, () => handle.result())) as O;
    return { kind: 'completed', outcome };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new RestartNotFoundError(handle.workflowId, 'any');
    }
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { kind: 'canceled' };
    if (cause instanceof ApplicationFailure) {
      const { outcome, ...failure } = readFailure(cause);
      return { kind: 'failed', failure, ...(outcome && { outcome: outcome as O }) };
    }
    const what = cause instanceof TerminatedFailure ? 'it was terminated' : 'it was timed out';
    const message = `RestartUnknown: ${goneMessage.replace('$', what)}`;
    return { kind: 'failed', failure: { type: 'RestartUnknown', message } };
  }
}

/** Queries the progress of a restart, which a worker must answer. Pass a new AbortSignal for each call. */
export async function askProgress<P = RestartProgress>(
  client: Client,
  handle: WorkflowHandle,
  withinMs = QUERY_WITHIN_MS,
  signal: AbortSignal = new AbortController().signal,
): Promise<P> {
  const startedAt = Date.now();
  const leftMs = () => startedAt + withinMs - Date.now();
  const query = () => handle.query<P>('progress');
  const ask = () => client.connection.withAbortSignal(signal, () => notWaitingWhereBusy(query));
  // The SDK adds a listener for each call and does not remove it.
  setMaxListeners(0, signal);
  let answerMs = ASK_AGAIN_AFTER_MS;
  let pauseMs = BUSY_PAUSE_MS;
  for (let refusals = 0; ;) {
    const askedAt = Date.now();
    // The last try gets all that is left, where a further one would be shorter.
    const ms = leftMs() < 3 * answerMs ? leftMs() : answerMs;
    try {
      return await callingWithin(client, ms, ask);
    } catch (error) {
      if (signal.aborted || leftMs() < pauseMs) throw error;
      const isAway = error instanceof TemporalUnreachableError;
      const isSilence = Date.now() - askedAt > ms / 2;
      // No connection at all: one more try is enough.
      if (isAway && !isSilence && (refusals += 1) > 1) throw error;
      if (isAway) answerMs *= 2;
      else if (!isBusy(error)) throw error;
    }
    await pause(pauseMs * Math.random(), undefined, { signal });
    pauseMs = Math.min(LONGEST_BUSY_PAUSE_MS, pauseMs * 2);
  }
}
