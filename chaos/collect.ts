import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { inParallel } from '../bench/in-parallel.js';
import type { Simulator } from '../simulator/index.js';
import type { RestartOutcome, RestartProgress } from '../src/domain/outcome.js';
import { parseRestartArguments } from '../src/domain/parse-options.js';
import { restartId } from '../src/domain/ids.js';
import type { OwnMove } from './own-moves.js';
import type { Plan } from './plan.js';
import { requestCalls, TOLERANCE_MS, type Run, type World } from './run.js';
import { storyOf, type History, type Story } from './story.js';
import { Truth } from './truth.js';

const AT_ONCE = 8;
const SAY_EVERY_MS = 15_000;

/** What Temporal knows of a run. */
export interface Told {
  workflowId: string;
  runId: string;
  history: History;
  story: Story;
  outcome?: RestartOutcome;
}

/**
 * Waits until no workflow runs, for `patienceMs` at most. Returns how many still run.
 *
 * @param among a list filter of Temporal, for some of the workflows
 */
export async function untilAllEnded(
  client: Client,
  patienceMs: number,
  say: (line: string) => void,
  among?: string,
): Promise<number> {
  const deadline = Date.now() + patienceMs;
  const running = ["ExecutionStatus = 'Running'", ...(among === undefined ? [] : [among])];
  for (let saidAt = Date.now(); ;) {
    const { count } = await client.workflow.count(running.join(' AND '));
    if (count === 0 || Date.now() > deadline) return count;
    if (Date.now() > saidAt + SAY_EVERY_MS) {
      saidAt = Date.now();
      say(`${count} still run`);
    }
    await sleep(500);
  }
}

/**
 * Fetches all runs, child workflows included.
 *
 * @param query a list filter of Temporal, for some of the runs
 */
export async function fetchRuns(client: Client, query = ''): Promise<Told[]> {
  const found: WorkflowHandle[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    found.push(client.workflow.getHandle(workflowId, runId));
  }
  const told: Told[] = [];
  await inParallel(found, AT_ONCE, async (handle) => {
    const { runId } = await handle.describe();
    const history = await handle.fetchHistory();
    const story = storyOf(history);
    const outcome = await outcomeOf(handle, story);
    told.push({ workflowId: handle.workflowId, runId, history, story, ...outcome });
  });
  return told;
}

async function outcomeOf(
  handle: WorkflowHandle,
  { close }: Story,
): Promise<{ outcome?: RestartOutcome }> {
  if (close?.as === 'completed' || close?.as === 'failed') {
    const outcome = close.outcome as RestartOutcome | undefined;
    return outcome ? { outcome } : {};
  }
  if (close?.as !== 'canceled') return {};
  // A canceled workflow has no result, so its outcome comes from a query.
  const { phase: _, restart: __, ...progress } = await handle.query<RestartProgress>('progress');
  const { outcome, endedAt } = progress;
  return outcome && endedAt !== undefined ? { outcome: { ...progress, outcome, endedAt } } : {};
}

/** Combines what Temporal knows of the runs with what the simulator knows of their jobs. */
export function runsOf(
  told: readonly Told[],
  plan: Plan,
  simulator: Simulator,
  ownMoves: readonly OwnMove[],
  world: World,
): Run[] {
  const truths = new Map(
    plan.jobs.map((job) => {
      const { jobId } = job.spec;
      const requests = simulator.requests({ jobId });
      const own = ownMoves.filter((move) => move.jobId === jobId);
      return [jobId, new Truth(job, requests, own)];
    }),
  );
  const runs = told.map(({ history: _, ...one }): Run => {
    const parsed = parseRestartArguments(one.story.args);
    if (!parsed.ok) throw new Error(`The arguments of ${one.workflowId} are not valid`);
    const { jobId } = parsed.value;
    const truth = truths.get(jobId)!;
    const isTheRestart = one.workflowId === restartId(truth.job.spec.projectId, jobId);
    const known = { request: parsed.value, isTheRestart, truth, world };
    return { ...one, ...known, nextAt: Infinity, sent: [], ofTheJob: [] };
  });
  for (const [jobId, truth] of truths)
    shareOut(
      runs.filter((r) => r.request.jobId === jobId),
      truth,
    );
  return runs;
}

/**
 * Assigns each request about a job to the run of *the* restart that had a call under way when it arrived, or
 * else to the run that had started last. Temporal runs one at a time, and the next one may start right after.
 */
export function shareOut(runs: readonly Run[], truth: Truth): void {
  const ofTheJob = runs
    .filter(({ isTheRestart }) => isTheRestart)
    .toSorted((a, b) => a.story.startedAt - b.story.startedAt);
  for (const run of runs) run.ofTheJob = ofTheJob;
  for (const [nth, run] of ofTheJob.entries()) {
    run.nextAt = ofTheJob[nth + 1]?.story.startedAt ?? Infinity;
    run.sent = [];
  }
  for (const request of truth.requests) {
    const { at, operation } = request;
    if (operation !== 'restart' && operation !== 'stop') continue;
    const asking = ofTheJob.find((run) =>
      requestCalls(run, operation).some(
        ({ scheduledAt, closedAt = Infinity }) => scheduledAt <= at && at <= closedAt,
      ),
    );
    const started = ofTheJob.findLast(({ story }) => story.startedAt - TOLERANCE_MS <= at);
    const owner = asking ?? started ?? ofTheJob[0];
    if (owner !== undefined) owner.sent = [...owner.sent, request];
  }
}
