import type { Client } from '@temporalio/client';
import { TemporalUnreachableError } from './errors.js';
import { callingWithin } from './temporal-call.js';

/** A worker as Temporal has seen it on a task queue. */
export interface SeenWorker {
  /** `<process id>@<host>`, unless the worker says otherwise. */
  identity: string;
  /** When it last asked for work. */
  seenAt: Date;
  /** It asks at least once a minute; one that has not for longer is gone. */
  listens: boolean;
}

/** Who asks a task queue for workflow tasks, and who for activity tasks. */
export interface SeenWorkers {
  workflows: SeenWorker[];
  activities: SeenWorker[];
}

/** `TASK_QUEUE_TYPE_…` of Temporal's API. */
const QUEUE = { workflows: 1, activities: 2 } as const;

/** A long poll lasts a minute (Temporal's default), and the next one follows at once. */
const LONGEST_SILENCE_MS = 75_000;

const ANSWER_WITHIN_MS = 5_000;

/** Tells which workers Temporal has seen on a task queue in the last five minutes. */
export async function seenWorkers(client: Client, taskQueue: string): Promise<SeenWorkers> {
  const [workflows, activities] = await Promise.all([
    seenOn(client, taskQueue, QUEUE.workflows),
    seenOn(client, taskQueue, QUEUE.activities),
  ]);
  return { workflows, activities };
}

/**
 * Says why nobody takes work up from a task queue; `undefined` where somebody listens, and where
 * Temporal does not tell: not everybody may look.
 *
 * @throws TemporalUnreachableError
 */
export async function whyNobodyListens(
  client: Client,
  taskQueue: string,
): Promise<string | undefined> {
  let workflows: SeenWorker[];
  try {
    ({ workflows } = await seenWorkers(client, taskQueue));
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
  return (pollers ?? []).map(({ identity, lastAccessTime }) => {
    const seenAt = new Date(Number(lastAccessTime?.seconds ?? 0) * 1_000);
    const listens = Date.now() - Number(seenAt) < LONGEST_SILENCE_MS;
    return { identity: identity ?? '', seenAt, listens };
  });
}
