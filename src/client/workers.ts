import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { defined } from '../domain/defined.js';
import { timeOf } from '../domain/temporal-clock.js';
import { NoWorkerError, TemporalUnreachableError } from './errors.js';
import { callingWithin } from './temporal-call.js';
import { asVersion, getsTasks, routingOf, TASK_QUEUE_TYPE } from './worker-versions.js';

/** A worker as Temporal has seen it on a task queue. */
export interface SeenWorker {
  /** `<process id>@<host>`, unless the worker says otherwise. */
  identity: string;
  /** When it last polled. */
  seenAt: Date;
  /**
   * Whether it polls at least once a minute, and has not since reported that it stops. A killed worker
   * reports nothing, so it counts as listening until it has been silent for longer.
   */
  listens: boolean;
  /** When it reported that it stops; not every server tells. */
  stoppedAt?: Date;
  /** Absent if the worker is not versioned. */
  version?: WorkerDeploymentVersion;
}

/** Who polls a task queue for workflow tasks, and who for activity tasks. */
export interface SeenWorkers {
  workflows: SeenWorker[];
  activities: SeenWorker[];
}

/** A long poll lasts a minute (Temporal's default), and the next one follows at once. */
const LONGEST_SILENCE_MS = 75_000;

/** `WORKER_VERSIONING_MODE_VERSIONED` of Temporal's API. */
const VERSIONED = 2;

/** `WORKER_STATUS_RUNNING` of Temporal's API. Greater values are of workers that stop. */
const RUNNING = 1;

/**
 * A worker's last poll may be seen a moment after its report that it stops. A successor with the same
 * identity, as in a container that is started again, needs longer for its first poll.
 */
const LAST_QUESTION_MS = 500;

/** Most workers take a restart up much sooner. After this time, ask Temporal whether one listens. */
const ASK_FOR_WORKERS_AFTER_MS = 1_500;

/** How long to wait for a worker that is just starting. It listens about a second after its start. */
const JUST_STARTING_MS = 3_000;
const LOOK_AGAIN_AFTER_MS = 300;

const ANSWER_WITHIN_MS = 5_000;

/** Tells which workers Temporal has seen on a task queue in the last five minutes. */
export async function seenWorkers(client: Client, taskQueue: string): Promise<SeenWorkers> {
  const [workflows, activities, stops] = await Promise.all([
    seenOn(client, taskQueue, TASK_QUEUE_TYPE.workflows),
    seenOn(client, taskQueue, TASK_QUEUE_TYPE.activities),
    stopsOn(client, taskQueue),
  ]);
  const withStop = (worker: SeenWorker): SeenWorker => {
    const stop = stops.find(
      ({ identity, stoppedAt }) =>
        identity === worker.identity &&
        Number(worker.seenAt) <= Number(stoppedAt) + LAST_QUESTION_MS,
    );
    return stop === undefined ? worker : { ...worker, listens: false, stoppedAt: stop.stoppedAt };
  };
  return { workflows: workflows.map(withStop), activities: activities.map(withStop) };
}

/**
 * Says why nobody polls a task queue. `undefined` if somebody does, or if Temporal does not tell us,
 * for lack of rights for example.
 *
 * @param believesStops whether a worker counts as gone once it has reported that it stops. Not where a restart would
 * be refused for that: its successor may have the same identity, and clocks differ.
 * @throws TemporalUnreachableError
 */
export async function whyNobodyListens(
  client: Client,
  taskQueue: string,
  { believesStops = false } = {},
): Promise<string | undefined> {
  let workflows: SeenWorker[];
  try {
    workflows = believesStops
      ? (await seenWorkers(client, taskQueue)).workflows
      : await seenOn(client, taskQueue, TASK_QUEUE_TYPE.workflows);
  } catch (error) {
    if (error instanceof TemporalUnreachableError) throw error;
    return undefined;
  }
  if (workflows.some(({ listens }) => listens)) return undefined;
  const [last] = workflows.toSorted((a, b) => Number(b.seenAt) - Number(a.seenAt));
  const nobody = `nobody listens on the task queue ${taskQueue}`;
  if (last === undefined) return nobody;
  return `${nobody} (${last.identity} last did at ${last.seenAt.toISOString()})`;
}

/**
 * Fails if no worker listens, before anything is started. A restart that waits on a queue without
 * workers would keep everybody else from restarting the job.
 */
export async function untilSomebodyListens(
  client: Client,
  workflowId: string,
  taskQueue: string,
): Promise<void> {
  for (const startedAt = Date.now(); ;) {
    const why = await whyNobodyListens(client, taskQueue);
    // A restart that is under way may be on another queue, which is served.
    if (why === undefined || (await queueOf(client, workflowId)) !== undefined) return;
    if (Date.now() - startedAt >= JUST_STARTING_MS) {
      throw new NoWorkerError(taskQueue, workflowId, why, false);
    }
    await pause(LOOK_AGAIN_AFTER_MS);
  }
}

/**
 * Rejects as soon as it is known that no worker will take the restart up, at the latest after the
 * limit. Resolves if the restart has ended, for example because it was terminated.
 */
export async function nobodyTakesIt(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = Date.now();
  const leftMs = () => startedAt + limitMs - Date.now();
  for (;;) {
    await pause(Math.max(0, Math.min(ASK_FOR_WORKERS_AFTER_MS, leftMs())), undefined, { signal });
    // A restart that was under way already may be on another queue than ours.
    const taskQueue = await queueOf(client, workflowId, runId);
    if (taskQueue === undefined) return;
    const why = await whyNobodyListens(client, taskQueue);
    if (why !== undefined) throw new NoWorkerError(taskQueue, workflowId, why);
    if (leftMs() > 0) continue;
    const late = `a worker was seen on the task queue ${taskQueue} in the last minute, but none took it within ${limitMs / 1_000}s${await unlessCurrent(client, taskQueue)}`;
    throw new NoWorkerError(taskQueue, workflowId, late);
  }
}

/** Adds to a message that workers get no task because none of their versions is current. */
async function unlessCurrent(client: Client, taskQueue: string): Promise<string> {
  try {
    const [seen, routing] = await Promise.all([
      seenOn(client, taskQueue, TASK_QUEUE_TYPE.workflows),
      routingOf(client, taskQueue),
    ]);
    const listening = seen.filter(({ listens }) => listens);
    if (listening.some(({ version }) => getsTasks(version, routing))) return '';
    return '; no worker there has the current version, see "modelarts-restarter doctor"';
  } catch {
    // Temporal does not tell, for lack of rights for example.
    return '';
  }
}

/** The task queue of a restart; `undefined` if it is not under way. */
async function queueOf(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<string | undefined> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { status, taskQueue } = await callingWithin(client, 5_000, () => handle.describe());
    return status.name === 'RUNNING' ? taskQueue : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function seenOn(
  client: Client,
  taskQueue: string,
  taskQueueType: 1 | 2,
): Promise<SeenWorker[]> {
  const { pollers } = await callingWithin(client, ANSWER_WITHIN_MS, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType,
    }),
  );
  return (pollers ?? []).map(({ identity, lastAccessTime, deploymentOptions }) => {
    const seenAt = timeOf(lastAccessTime);
    const listens = Date.now() - Number(seenAt) < LONGEST_SILENCE_MS;
    const isVersioned = Number(deploymentOptions?.workerVersioningMode) === VERSIONED;
    const version = isVersioned ? asVersion(deploymentOptions) : undefined;
    return { identity: identity ?? '', seenAt, listens, ...defined({ version }) };
  });
}

/**
 * The workers that have reported that they stop. Temporal's list of pollers shows them for five more
 * minutes. Empty if the server or the worker's SDK is too old for such reports.
 */
async function stopsOn(
  client: Client,
  taskQueue: string,
): Promise<{ identity: string; stoppedAt: Date }[]> {
  const { namespace } = client.options;
  const ask = <T>(call: () => Promise<T>) => callingWithin(client, ANSWER_WITHIN_MS, call);
  try {
    const query = `TaskQueue = '${taskQueue}'`;
    const { workers } = await ask(() =>
      client.workflowService.listWorkers({ namespace, query, pageSize: 1_000 }),
    );
    return await Promise.all(
      workers
        .filter(({ status }) => Number(status) > RUNNING)
        .map(async ({ workerIdentity, workerInstanceKey }) => {
          const key = { namespace, workerInstanceKey: workerInstanceKey ?? '' };
          const { workerInfo } = await ask(() => client.workflowService.describeWorker(key));
          const stoppedAt = timeOf(workerInfo?.workerHeartbeat?.heartbeatTime);
          return { identity: workerIdentity ?? '', stoppedAt };
        }),
    );
  } catch (error) {
    if (error instanceof TemporalUnreachableError) throw error;
    return [];
  }
}
