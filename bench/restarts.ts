import { setTimeout as sleep } from 'node:timers/promises';
import type { RestartProgress } from '../src/domain/outcome.js';
import type { RestartInput } from '../src/domain/options.js';
import { restartId } from '../src/domain/ids.js';
import type { JobSpec, TimelineStep } from '../simulator/index.js';
import { inParallel } from './in-parallel.js';
import type { Stage } from './stage.js';

const KILLED = 12;
const WAITING = 7;

/** WAITING at once, and for ever. */
const NEVER_UP: TimelineStep[] = [{ afterMs: 0, status: WAITING }];

/** Longer than any measurement. */
const LONG = '1d';

const AT_ONCE = 20;

/** Far longer than needed: a thousand restarts start within half a minute. */
const LIMIT_MS = 5 * 60_000;

/** Returns ids that no sample job of the simulator has. */
export const jobIds = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => String(100_000 + i));

export async function startRestart(
  { client, taskQueue, simulator }: Stage,
  input: RestartInput,
): Promise<void> {
  const workflowId = restartId(simulator.projectId, String(input.jobId));
  const args = [{ timeout: LONG, ...input }];
  await client.workflow.start('restartVisualizationJob', { workflowId, taskQueue, args });
}

/** Adds jobs that are alike. */
export async function addJobs(
  { simulator }: Stage,
  ids: readonly string[],
  job: Omit<JobSpec, 'jobId'>,
): Promise<void> {
  await inParallel(ids, AT_ONCE, (jobId) => simulator.addJob({ jobId, ...job }));
}

/** Starts a restart of each job, which stays WAITING, and returns once all restarts wait. */
export async function startWaits(
  stage: Stage,
  ids: readonly string[],
  pollInterval: string,
): Promise<void> {
  const { simulator } = stage;
  await addJobs(stage, ids, { status: KILLED, timelines: { restart: NEVER_UP } });
  await inParallel(ids, AT_ONCE, (jobId) => startRestart(stage, { jobId, pollInterval }));
  await until('all restarts wait', async () => {
    const accepted = (await simulator.jobs()).filter((job) => job.restartsAccepted === 1);
    return accepted.length === ids.length && isWaiting(stage, ids.at(-1)!);
  });
}

/**
 * Whether the restart of a job follows it, and has seen it WAITING. False where no worker answers in time, since
 * thousands of starts come first.
 */
export async function isWaiting({ client, simulator }: Stage, jobId: string): Promise<boolean> {
  const handle = client.workflow.getHandle(restartId(simulator.projectId, jobId));
  const progress = await handle.query<RestartProgress>('progress').catch(() => undefined);
  return progress?.phase === 'waiting' && progress.last?.code === WAITING;
}

/** Waits until `isSo` returns true. Throws an error that names `what` after `limitMs`. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  limitMs = LIMIT_MS,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not in time: ${what}`);
    await sleep(500);
  }
}
