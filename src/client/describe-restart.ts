import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { JobRef } from '../domain/answer.js';
import type { OutcomeName, RestartProgress } from '../domain/outcome.js';
import { restartId } from '../domain/restart-id.js';
import { RestartNotFoundError } from './errors.js';
import { askProgress, restartEnd, type RestartEnd } from './restart-end.js';
import { callingWithin } from './temporal-call.js';

/** A job, whose restart is meant, or the workflow id of any restart. */
export type RestartKey = JobRef | { workflowId: string; runId?: string };

/** The newest restart of a job, as Temporal has it. */
export interface RestartDescription {
  workflowId: string;
  runId: string;
  taskQueue: string;
  running: boolean;
  startedAt: string;
  endedAt?: string;
  /** How it ended; absent where it runs, or was refused as bad input. Known without a worker. */
  outcome?: OutcomeName;
  /** Its outcome, or where it is; absent where it runs and no worker answers, or ended without one. */
  progress?: RestartProgress;
  /** What the workflow failed with. */
  failure?: { type: string; message: string };
}

export interface DescribeOptions {
  /** How long a worker may take to say where a restart is; default 3000. */
  workerWithinMs?: number;
}

const WORKER_WITHIN_MS = 3_000;
const ANSWER_WITHIN_MS = 10_000;

/**
 * Tells where the newest restart of a job is, or how it ended.
 *
 * @throws RestartNotFoundError where Temporal knows none (it forgets closed ones after its retention)
 */
export async function describeRestart(
  client: Client,
  key: RestartKey,
  options: DescribeOptions = {},
): Promise<RestartDescription> {
  const { workerWithinMs = WORKER_WITHIN_MS } = options;
  const workflowId = idOf(key);
  const newest = client.workflow.getHandle(workflowId, 'runId' in key ? key.runId : undefined);
  const { runId, taskQueue, status, startTime, closeTime } = await callingWithin(
    client,
    ANSWER_WITHIN_MS,
    () => newest.describe(),
  ).catch((error: unknown) => {
    throw error instanceof WorkflowNotFoundError
      ? new RestartNotFoundError(workflowId, 'any')
      : error;
  });
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  const running = status.name === 'RUNNING';
  const facts = {
    workflowId,
    runId,
    taskQueue,
    running,
    startedAt: startTime.toISOString(),
    ...(closeTime && { endedAt: closeTime.toISOString() }),
  };
  const asked = async () => {
    const progress = await askProgress(client, handle, workerWithinMs).catch(() => undefined);
    return { ...facts, ...(progress && { progress }) };
  };
  if (running) return asked();
  const end = await restartEnd(client, handle);
  if (end.kind === 'canceled') return { ...(await asked()), outcome: 'canceled' };
  const outcome = end.outcome?.outcome ?? (isLost(end) ? 'unknown' : undefined);
  return {
    ...facts,
    ...(outcome && { outcome }),
    ...(end.outcome && { progress: { ...end.outcome, phase: 'done' as const } }),
    ...(end.kind === 'failed' && { failure: end.failure }),
  };
}

/** It was terminated, or timed out, in Temporal. */
const isLost = (end: RestartEnd): boolean =>
  end.kind === 'failed' && end.failure.type === 'RestartUnknown';

/** The workflow id that a key stands for. */
export function idOf(key: RestartKey): string {
  return 'workflowId' in key ? key.workflowId : restartId(key.projectId, key.jobId);
}
