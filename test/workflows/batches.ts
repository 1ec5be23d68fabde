import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  CancelledFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import type { BatchInput } from '../../src/domain/batch-options.js';
import type { BatchOutcome, BatchProgress } from '../../src/domain/batch-outcome.js';
import { restartId } from '../../src/domain/ids.js';
import type { RestartProgress } from '../../src/domain/outcome.js';
import { eventually, type Stage } from '../setup/stage.js';

/** How a batch ended, as a value. */
export type BatchEnd =
  | { status: 'completed'; outcome: BatchOutcome }
  | { status: 'failed'; type: string; message: string; stack: string; outcome?: BatchOutcome }
  | { status: 'canceled' };

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 300, status: 8 },
];
export const STARTING = [{ afterMs: 0, status: 7 }];

/** What makes restarts quick. */
const QUICK = { pollInterval: '1s', settleTime: '2s', timeout: '5m' } as const;

/** Adds jobs of consecutive ids, KILLED unless told otherwise. */
export function addJobs(
  stage: Stage,
  first: number,
  count: number,
  { steps = UP, status = 12 } = {},
): string[] {
  return Array.from({ length: count }, (_, index) => {
    const jobId = String(first + index);
    stage.simulator.addJob({ jobId, status, timelines: { restart: steps } });
    return jobId;
  });
}

/** Starts `restartVisualizationJobs` with quick restarts. */
export function startBatch(
  stage: Stage,
  input: BatchInput | Record<string, unknown>,
  workflowId = `restarts-test:${randomUUID()}`,
): Promise<WorkflowHandle> {
  return stage.startWith([{ ...QUICK, ...input }], workflowId, 'restartVisualizationJobs');
}

export async function endOfBatch(handle: WorkflowHandle): Promise<BatchEnd> {
  try {
    return { status: 'completed', outcome: (await handle.result()) as BatchOutcome };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { status: 'canceled' };
    if (!(cause instanceof ApplicationFailure)) throw error;
    const outcome = cause.details?.[0] as BatchOutcome | undefined;
    const stack = cause.failure?.stackTrace ?? '';
    const { type, message } = cause;
    return { status: 'failed', type: type ?? '', message, stack, ...(outcome && { outcome }) };
  }
}

/** gRPC's `DEADLINE_EXCEEDED`: a busy worker did not get to a query within Temporal's ten seconds. */
const LATE = 4;

/** After so long, the test's output tells what a batch waits for. A busy machine needs seconds. */
const SLOW_MS = 20_000;

/** Polls the progress until it is as wanted; of the newest run, if the handle names none. */
export async function batchWhen(
  handle: WorkflowHandle,
  isSo: (progress: BatchProgress) => boolean,
  withinMs?: number,
): Promise<BatchProgress> {
  let last: BatchProgress | undefined;
  const look = async (): Promise<BatchProgress | undefined> => {
    const progress = await handle.query<BatchProgress>('progress').catch((error: unknown) => {
      if ((error as { cause?: { code?: number } }).cause?.code !== LATE) throw error;
      return undefined;
    });
    last = progress ?? last;
    return progress !== undefined && isSo(progress) ? progress : undefined;
  };
  const tell = async (): Promise<void> => {
    const { jobs = [], projectId = '' } = last ?? {};
    const ids = [handle.workflowId, ...jobs.map((jobId) => restartId(projectId, jobId))];
    const told = await Promise.all(ids.map((id) => pendingOf(handle.client.getHandle(id))));
    process.stderr.write(`slow: ${JSON.stringify(last)}\n${told.join('\n')}\n`);
  };
  const slow = setTimeout(() => void tell().catch(() => undefined), SLOW_MS);
  try {
    return await eventually(look, withinMs);
  } finally {
    clearTimeout(slow);
  }
}

/** What a workflow waits for, as Temporal tells it. */
async function pendingOf(handle: WorkflowHandle): Promise<string> {
  const { status, raw } = await handle.describe();
  const { pendingActivities, pendingWorkflowTask, pendingChildren } = raw;
  const waitsFor = { pendingActivities, pendingWorkflowTask, children: pendingChildren?.length };
  return `${handle.workflowId} is ${status.name}: ${JSON.stringify(waitsFor)}`;
}

/** How many restarts ModelArts took of each job. */
export const acceptedOf = (stage: Stage, jobIds: readonly string[]): number[] =>
  jobIds.map((jobId) => stage.simulator.acceptedRestarts(jobId));

/** The newest run under the id of a workflow. */
export const newest = (stage: Stage, { workflowId }: WorkflowHandle): WorkflowHandle =>
  stage.client.workflow.getHandle(workflowId);

/** Waits until *the* restart of a job has asked for it and waits for it. */
export async function untilWaiting(stage: Stage, jobId: string): Promise<WorkflowHandle> {
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
  await eventually(async () => {
    const asked = handle.query<RestartProgress>('progress');
    const progress = await asked.catch((error: unknown) => {
      // The batch has not started it yet.
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });
    return progress?.last?.code === 7 || undefined;
  });
  return handle;
}

let shortRuns: Promise<WorkflowBundle> | undefined;

/** The workflows, but a run of a batch hands over to the next one after a few jobs. */
export const shortRunsBundle = (): Promise<WorkflowBundle> =>
  (shortRuns ??= bundleWorkflowCode({
    workflowsPath: require.resolve('./short-runs.ts'),
    preloadModules: [require.resolve('./short-runs.ts')],
    logger: new DefaultLogger('WARN'),
  }));
