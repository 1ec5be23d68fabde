import type { RestartOutcome } from '../../src/domain/outcome.js';
import type { RestartInput } from '../../src/domain/options.js';
import { restartId } from '../../src/domain/ids.js';
import type { LoggedRequest, TimelineStep } from '../../simulator/index.js';
import { inParallel } from '../in-parallel.js';
import { startRestart, until } from '../restarts.js';
import type { Stage } from '../stage.js';

export const KILLED = 12;
export const WAITING = 7;
export const RUNNING = 8;

/** WAITING at once, and RUNNING after some time. */
export const upAfter = (afterMs: number): TimelineStep[] => [
  { afterMs: 0, status: WAITING },
  { afterMs, status: RUNNING },
];

/** How many calls to Temporal the benchmark itself makes at a time. */
const AT_ONCE = 50;

/** Starts a restart of each job, as fast as Temporal takes them. */
export async function startRestarts(
  stage: Stage,
  ids: readonly string[],
  input: Omit<RestartInput, 'jobId'>,
): Promise<void> {
  await inParallel(ids, AT_ONCE, (jobId) => startRestart(stage, { ...input, jobId }));
}

/** Waits until all jobs are up, by the simulator's own account. */
export async function allUp(
  { simulator }: Stage,
  ids: readonly string[],
  limitMs?: number,
): Promise<void> {
  const isUp = async (): Promise<boolean> => {
    const jobs = await simulator.jobs();
    return jobs.filter(({ status }) => status === RUNNING).length === ids.length;
  };
  await until(`all of ${ids.length} jobs are up`, isUp, limitMs);
}

/** Waits for the outcomes of restarts; fails if a job did not get up. */
export async function outcomesOf(stage: Stage, ids: readonly string[]): Promise<RestartOutcome[]> {
  const outcomes: RestartOutcome[] = [];
  await inParallel(ids, AT_ONCE, async (jobId) => {
    const handle = stage.client.workflow.getHandle(restartId(stage.simulator.projectId, jobId));
    outcomes.push((await handle.result()) as RestartOutcome);
  });
  return outcomes;
}

/** The calls that the gateway refused for its limit, in order. */
export const throttledOf = (requests: readonly LoggedRequest[]): LoggedRequest[] =>
  requests.filter(({ throttled }) => throttled === true);
