import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  getExternalWorkflowHandle,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { FollowedEnd, WorkerFacts } from '../activities/activities.js';
import { failureOf } from '../domain/failures.js';
import { restartId } from '../domain/ids.js';
import type { RestartOptions } from '../domain/options.js';
import { asJoined, type RestartOutcome } from '../domain/outcome.js';
import { forbiddenBy, noProject } from '../domain/worker-limits.js';
import { facts, FACTS_WITHIN_MS } from './activity-hands.js';
import { answersGiven, failure, failureFor, inputFailure, withoutStack } from './replies.js';
import { Follower } from './follower.js';
import { endByActivity, failedEnd, type Restart, startRestartChild } from './restart-child.js';
import { announceJob } from './temporal-ui.js';

/** A start that is late by less than this does not shorten the child's timeout. */
const LATE_MS = 2_000;

/** The last try to learn the project begins so long before the deadline: the restart is still to be started then. */
const LAST_TRY_MS = 1_000;

/** The shortest timeout that an input may have. */
const SHORTEST_TIMEOUT_MS = 1_000;

/**
 * A restart under an id of its own (a schedule's, a parent's, the UI's): runs *the* restart as its
 * child, or joins it if it is under way. Ends with the outcome of *the* restart.
 */
export async function runOrJoin(
  options: RestartOptions,
  givenProjectId: string | undefined,
): Promise<RestartOutcome> {
  const follower = new Follower(options, givenProjectId);
  try {
    const projectId = await chooseProject(options, givenProjectId, follower);
    const workflowId = restartId(projectId, options.jobId);
    if (timeLeftMs(options) <= 0) {
      throw failureFor(follower.timedOut('no worker took it up before its time was up'))!;
    }
    const child = await startNow(options, projectId, workflowId);
    follower.follows(workflowId, projectId, child);
    const end =
      child === undefined ? await endByActivity(workflowId) : await endOf(child, follower);
    return follower.completed(resultOf(end, follower, child === undefined));
  } catch (error) {
    follower.failed(error);
    throw error;
  } finally {
    await answersGiven();
  }
}

/** The input's project, or the worker's. */
async function chooseProject(
  options: RestartOptions,
  given: string | undefined,
  follower: Follower,
): Promise<string> {
  const leftMs = Math.max(SHORTEST_TIMEOUT_MS, timeLeftMs(options));
  // If the project is known, only the search attributes are missing. A restart works without them.
  const patienceMs = given === undefined ? leftMs : Math.min(leftMs, FACTS_WITHIN_MS);
  let worker: WorkerFacts;
  try {
    worker = await facts.describeWorker.executeWithOptions(
      { summary: 'ask for defaults', scheduleToCloseTimeout: patienceMs },
      [{ isProjectKnown: given !== undefined, lastTryAtMs: Date.now() + leftMs - LAST_TRY_MS }],
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    if (given !== undefined) return given;
    const outcome = follower.timedOut(`no worker told its project: ${error.cause?.message}`);
    throw failureFor(outcome)!;
  }
  const projectId = given ?? worker.projectId;
  if (projectId === undefined) {
    throw inputFailure([noProject(worker.whyNoProject)]);
  }
  const problems = forbiddenBy(worker, { ...options, projectId });
  if (problems.length > 0) throw inputFailure(problems);
  announceJob(worker.searchAttributes, options.jobId);
  return projectId;
}

/** How much of the timeout is left. The timeout counts from this workflow's start, even while no worker runs. */
function timeLeftMs({ timeoutMs }: RestartOptions): number {
  return workflowInfo().startTime.getTime() + timeoutMs - Date.now();
}

/** Starts *the* restart; `undefined` if it is under way already. */
async function startNow(
  options: RestartOptions,
  projectId: string,
  workflowId: string,
): Promise<Restart | undefined> {
  const { timeoutMs, pollIntervalMs, settleTimeMs, ...rest } = options;
  const leftMs = timeLeftMs(options);
  const timeout = timeoutMs - leftMs < LATE_MS ? timeoutMs : Math.max(SHORTEST_TIMEOUT_MS, leftMs);
  // The cancellation may have come together with the worker's answer.
  if (CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure('Cancelled before the restart was started');
  }
  const spans = { timeout, pollInterval: pollIntervalMs, settleTime: settleTimeMs };
  const input = { ...rest, ...spans, projectId };
  return startRestartChild(workflowId, input, { staticSummary: `restart job ${rest.jobId}` });
}

/**
 * Waits for the end of the restart that this workflow started. A cancellation is passed on to the
 * restart, and the wait goes on until the restart has ended. If others share the restart, it goes on.
 */
async function endOf(child: Restart, follower: Follower): Promise<FollowedEnd> {
  const scope = CancellationScope.current();
  const restart = getExternalWorkflowHandle(child.workflowId, child.firstExecutionRunId);
  const leaving = new Promise<never>((_, leave) => {
    scope.cancelRequested
      .catch((cancelled: unknown) =>
        CancellationScope.nonCancellable(async () => {
          if (await follower.isShared()) leave(cancelled);
          else await restart.cancel();
        }),
      )
      // The cancel fails only if the restart has ended, and then its result is on its way.
      .catch(() => undefined);
  });
  try {
    const outcome = await Promise.race([child.result(), leaving]);
    return { kind: 'completed', outcome };
  } catch (error) {
    const failed = failedEnd(error);
    if (failed !== undefined) return failed;
    const end = await CancellationScope.nonCancellable(() =>
      endByActivity(child.workflowId, child.firstExecutionRunId),
    );
    if (end.kind !== 'canceled' || !scope.consideredCancelled) return end;
    follower.completed(end.outcome);
    throw withoutStack(new CancelledFailure('RestartCanceled'));
  }
}

/** Returns the restart's outcome, or throws its failure, as this workflow's own. */
function resultOf(end: FollowedEnd, follower: Follower, joined: boolean): RestartOutcome {
  const asOwn = (outcome: RestartOutcome) => asJoined(outcome, joined);
  if (end.kind === 'completed') return asOwn(end.outcome);
  if (end.kind === 'failed') throw failure(end, end.outcome && asOwn(end.outcome));
  const outcome = end.kind === 'canceled' ? asOwn(end.outcome) : follower.lost(end.why);
  throw failure(failureOf(outcome)!, outcome);
}
