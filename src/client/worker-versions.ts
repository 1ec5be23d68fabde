import type { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { defined } from '../domain/defined.js';
import { ANSWER_WITHIN_MS, callingWithin, notFoundIn } from './temporal-call.js';

/** `TASK_QUEUE_TYPE_…` of Temporal's API. */
export const TASK_QUEUE_TYPE = { workflows: 1, activities: 2 } as const;

/** The versions that Temporal gives the tasks of a task queue to. */
export interface Routing {
  /** Absent: the workers that are not versioned. */
  current?: WorkerDeploymentVersion;
  /** Gets a share of the tasks; `version` is absent for the workers that are not versioned. */
  ramping?: { version?: WorkerDeploymentVersion };
}

/** Tells which versions get the workflow tasks of a task queue. */
export async function routingOf(client: Client, taskQueue: string): Promise<Routing> {
  const { versioningInfo } = await callingWithin(client, ANSWER_WITHIN_MS, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: TASK_QUEUE_TYPE.workflows,
    }),
  );
  const { currentDeploymentVersion, rampingDeploymentVersion, rampingVersionPercentage } =
    versioningInfo ?? {};
  const isRamping = (rampingVersionPercentage ?? 0) > 0;
  return defined({
    current: asVersion(currentDeploymentVersion),
    ramping: isRamping ? defined({ version: asVersion(rampingDeploymentVersion) }) : undefined,
  });
}

/** Whether Temporal gives tasks to workers of this version; `undefined` for those that are not versioned. */
export function getsTasks(
  version: WorkerDeploymentVersion | undefined,
  { current, ramping }: Routing,
): boolean {
  return isSame(version, current) || (ramping !== undefined && isSame(version, ramping.version));
}

function isSame(
  one: WorkerDeploymentVersion | undefined,
  other: WorkerDeploymentVersion | undefined,
): boolean {
  return one?.deploymentName === other?.deploymentName && one?.buildId === other?.buildId;
}

/** Why Temporal does not know a version, in its own words; `undefined` if it knows the version. */
export async function whyUnknownVersion(
  client: Client,
  deploymentVersion: WorkerDeploymentVersion,
): Promise<string | undefined> {
  const { namespace } = client.options;
  try {
    await callingWithin(client, ANSWER_WITHIN_MS, () =>
      client.workflowService.describeWorkerDeploymentVersion({ namespace, deploymentVersion }),
    );
    return undefined;
  } catch (error) {
    const words = notFoundIn(error);
    if (words === undefined) throw error;
    return words;
  }
}

/** Converts a version of Temporal's API. */
export function asVersion(
  version: { deploymentName?: string | null; buildId?: string | null } | null | undefined,
): WorkerDeploymentVersion | undefined {
  const { deploymentName, buildId } = version ?? {};
  return deploymentName && buildId ? { deploymentName, buildId } : undefined;
}
