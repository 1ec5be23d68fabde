import { Context, type Info as ActivityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  type LookResult,
  type RequestAnswer,
  type ServiceError,
  withCode,
} from '../domain/answer.js';
import { defined } from '../domain/defined.js';
import type { JobRef } from '../domain/ids.js';
import { pauseAfter, trimToDeadline } from '../domain/retry.js';
import { CLOCKS_DIFFER_MS } from '../domain/temporal-clock.js';
import { isProjectAllowed, projectNotAllowed } from '../domain/worker-limits.js';
import { lookOnce } from '../feed/look-once.js';
import type { StatusFeed } from '../feed/status-feed.js';
import { LookedOnce, WaitEnded, waitForChange, type WaitMemory } from '../feed/wait-for-change.js';
import type { ModelArtsClient } from '../modelarts/client.js';
import type {
  LookInput,
  RequestInput,
  RestartActivities,
  WaitInput,
  WorkerFacts,
} from './activities.js';
import {
  heartbeatWhile,
  lookFailed,
  lookLater,
  REQUEST_BEAT_MS,
  STAY_BEAT_MS,
  workerStopping,
} from './heartbeat.js';
import { followRestart, updateRestart } from './other-restart.js';
import { selectJobs } from './select-jobs.js';
import { type AttemptClock, byOwnClock } from './slow-clock.js';

/** What the activities need from the worker. */
export interface ActivityParts {
  modelarts: ModelArtsClient;
  feed: StatusFeed;
  temporal: Client;
  /** Returned by `describeWorker` and with each `lookAtJob`. */
  facts: () => WorkerFacts;
  /** Aborts when the worker begins to stop. Waits in progress are then handed over to another worker. */
  stopping: AbortSignal;
  /** How many waits stay on the worker. A wait beyond that looks once, and comes back for the next look. */
  waitSlots: number;
  /**
   * How many activities that wait for another restart, for its end or its answer, stay on the worker. One
   * beyond that asks once, and comes back later. Else they could leave no slot for the looks and requests
   * of the very restarts that they wait for.
   */
  followSlots: number;
}

/** How old a page that showed a job as up may be, for a batch that leaves such jobs alone. */
const UP_FOR_MS = 90_000;

const NO_STOPS: ServiceError = { message: 'the worker’s MODELARTS_ALLOW_STOP forbids stops' };

/** Makes the activities that a worker registers. */
export function createActivities(parts: ActivityParts): RestartActivities {
  const { modelarts, feed, temporal, facts, stopping } = parts;
  const exchangeMs = modelarts.requestTimeoutMs;
  let followers = 0;
  const refusalFor = (projectId: string): { kind: 'refused'; error: ServiceError } | undefined =>
    isProjectAllowed(facts(), projectId)
      ? undefined
      : { kind: 'refused', error: { message: projectNotAllowed(projectId) } };
  const following = async <T>(follow: (stays: boolean) => Promise<T>): Promise<T> => {
    const stays = followers < parts.followSlots;
    followers += 1;
    try {
      return await follow(stays);
    } finally {
      followers -= 1;
    }
  };
  return {
    describeWorker: async (input = { isProjectKnown: false }) =>
      input.isProjectKnown
        ? facts()
        : byOwnClock(input, ({ lastTryAtMs }) => describeWorker(modelarts, facts(), lastTryAtMs)),
    lookAtJob: async (input) => ({
      look:
        refusalFor(input.job.projectId) ??
        (await byOwnClock(input, (own) => lookAtJob(feed, exchangeMs, own))),
      worker: factsFor(input.job, facts()),
      ...paceOf(feed, input.job),
    }),
    requestRestart: async (input) =>
      refusalFor(input.job.projectId) ??
      send(input, (job, options) => modelarts.restart(job, options)),
    requestStop: async (input) => {
      // A restart that began under another worker may still ask for a stop.
      if (facts().allowStop === false) return { kind: 'refused', error: NO_STOPS };
      return (
        refusalFor(input.job.projectId) ??
        send(input, (job, options) => modelarts.stop(job, options))
      );
    },
    waitForStatusChange: async (input) => ({
      ...(refusalFor(input.job.projectId) ??
        (await byOwnClock(input, (own, clock) =>
          waitForStatusChange(feed, exchangeMs, own, clock, feed.waits >= parts.waitSlots),
        ))),
      ...paceOf(feed, input.job),
    }),
    followRestart: (input) => following((stays) => followRestart(temporal, stopping, input, stays)),
    selectJobs: async (input) =>
      refusalFor(input.projectId) ?? selectJobs(modelarts, stopping, input),
    updateRestart: (input) => following((stays) => updateRestart(temporal, stopping, input, stays)),
  };
}

/** Finds the default project if the settings do not name it. Throws while IAM can't be asked, so that Temporal retries. */
async function describeWorker(
  modelarts: ModelArtsClient,
  facts: WorkerFacts,
  lastTryAtMs = Infinity,
): Promise<WorkerFacts> {
  if (facts.projectId !== undefined) return facts;
  const project = await modelarts.defaultProject();
  if (project.kind === 'none') {
    return { ...facts, ...defined({ whyNoProject: project.error && withCode(project.error) }) };
  }
  if (project.kind === 'known') return { ...facts, projectId: project.projectId };
  const { error, retryAfterMs } = project;
  const pauseMs = pauseAfter(Context.current().info.attempt, retryAfterMs);
  const isTrimmed = retryAfterMs === undefined && Date.now() < lastTryAtMs;
  throw lookFailed(error, isTrimmed ? trimToDeadline(pauseMs, Date.now(), lastTryAtMs) : pauseMs);
}

/** Without the projects that do not matter for this job, because a history keeps each look's facts. */
function factsFor({ projectId }: JobRef, { allowedProjects, ...facts }: WorkerFacts): WorkerFacts {
  const own = allowedProjects?.filter((allowed) => allowed === projectId);
  return { ...facts, ...defined({ allowedProjects: own }) };
}

/** Makes one look. Throws a transient failure until an answer is due, so that Temporal retries. */
export async function lookAtJob(
  feed: StatusFeed,
  exchangeMs: number,
  input: LookInput,
): Promise<LookResult> {
  const { job, deadlineMs, answerByMs = deadlineMs, goneUntilMs = 0, upSinceMs } = input;
  const upSince =
    upSinceMs === undefined
      ? undefined
      : Math.max(upSinceMs + CLOCKS_DIFFER_MS, Date.now() - UP_FOR_MS);
  const seen = upSince === undefined ? undefined : feed.seenUp(job, upSince);
  if (seen !== undefined) return { kind: 'read', reading: seen };
  const startedAt = Date.now();
  const { info, cancellationSignal: signal } = Context.current();
  const key = `${keyOf(info)}/look`;
  const answer = await handingOver(() =>
    heartbeatWhile(
      () => lookOnce(feed, job, { key, exchangeMs, answerByMs, deadlineMs, signal }),
      REQUEST_BEAT_MS,
      () => paceOf(feed, job),
    ),
  );
  if (answer.kind === 'read') return { kind: 'read', reading: answer.value };
  const { error } = answer;
  const passes = answer.kind === 'again' || (error.httpStatus === 404 && startedAt < goneUntilMs);
  if (!passes) return { kind: 'refused', error };
  const isGone = answer.kind === 'refused';
  const endMs = isGone ? deadlineMs : Math.min(answerByMs, deadlineMs);
  if (startedAt >= endMs) return { kind: 'no-reading', error };
  const retryAfterMs = isGone ? undefined : answer.retryAfterMs;
  const pauseMs = pauseAfter(info.attempt, retryAfterMs, Math.random());
  throw lookFailed(error, trimToDeadline(pauseMs, Date.now(), endMs));
}

/** Sends a request once, or not at all after `sendByMs`. */
function send(
  input: RequestInput,
  request: (job: JobRef, options: { sendBy: number }) => Promise<RequestAnswer>,
): Promise<RequestAnswer> {
  return byOwnClock(input, async ({ job, sendByMs }) => {
    if (Date.now() < sendByMs) return heartbeatWhile(() => request(job, { sendBy: sendByMs }));
    const message = 'the worker got to it too late to send it, by its own clock';
    return { kind: 'not-sent', error: { message } };
  });
}

/** Makes one attempt of a wait: waits on the worker's feed, and hands over when the worker stops. */
async function waitForStatusChange(
  feed: StatusFeed,
  exchangeMs: number,
  input: WaitInput,
  clock: AttemptClock,
  once: boolean,
): Promise<LookResult> {
  const { info, cancellationSignal: signal } = Context.current();
  // Another worker, with a clock of its own, may have left it.
  const memory: WaitMemory = clock.toOwn({ ...(info.heartbeatDetails as WaitMemory | undefined) });
  const options = { key: keyOf(info), exchangeMs, signal, memory, once };
  const wait = (): Promise<LookResult> => waitForChange(feed, input, options);
  return handingOver(
    () =>
      heartbeatWhile(wait, STAY_BEAT_MS, () => ({
        ...clock.toTemporals(memory),
        ...paceOf(feed, input.job),
      })),
    // The next attempt reads the memory from the last heartbeat.
    () => Context.current().heartbeat(clock.toTemporals(memory)),
  );
}

/** How the gateway's limit paces the looks at a job, in words; nothing while no limit is known. */
function paceOf(feed: StatusFeed, { projectId }: JobRef): { pace?: string } {
  const pause = feed.pauseOf(projectId);
  return defined({ pace: pause?.isPace === true ? pause.error.message : feed.limit });
}

/** Who waits: a workflow run has one wait at a time. */
function keyOf({ workflowExecution }: ActivityInfo): string {
  return `${workflowExecution?.workflowId}/${workflowExecution?.runId}`;
}

/** Ends the attempt when the worker stops or has looked once, so that another attempt continues. Calls `leave` first. */
async function handingOver<T>(work: () => Promise<T>, leave = (): void => undefined): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const stops = Context.current().cancellationDetails?.workerShutdown === true;
    if (!(stops || error instanceof WaitEnded || error instanceof LookedOnce)) throw error;
    leave();
    throw error instanceof LookedOnce ? lookLater(error.againInMs) : workerStopping();
  }
}
