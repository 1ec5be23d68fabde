import type { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { seenWorkers } from '../client/index.js';
import {
  getsTasks,
  type Routing,
  routingOf,
  whyUnknownVersion,
} from '../client/worker-versions.js';
import type { Environment } from '../environment.js';
import { versionOf } from '../versioning.js';
import { explain } from './errors.js';
import { type Finding, note, obstacle, ok } from './output.js';

const CHECK = 'worker version';

/**
 * Checks whether Temporal gives tasks to the workers that listen: a versioned worker polls, but gets
 * nothing until its version is current. No finding if nothing here is versioned.
 */
export async function checkVersion(
  client: Client,
  taskQueue: string,
  environment: Environment,
): Promise<Finding[]> {
  const own = versionOf(environment);
  try {
    const [{ workflows }, routing] = await Promise.all([
      seenWorkers(client, taskQueue),
      routingOf(client, taskQueue),
    ]);
    const listening = workflows.filter(({ listens }) => listens);
    const isVersioned =
      routing.current !== undefined || listening.some(({ version }) => version !== undefined);
    const polling = listening.map(({ version }) => version);
    const found = isVersioned && polling.length > 0 ? [judge(polling, routing, taskQueue)] : [];
    return own === undefined ? found : [...found, ...(await checkOwn(client, own))];
  } catch (error) {
    const message = `Temporal does not tell which version gets the tasks: ${explain(error).message}`;
    return own === undefined ? [] : [note(CHECK, message, 'see docs/operations.md')];
  }
}

/** @param polling the versions of the workers that listen; `undefined` for one without a version */
function judge(
  polling: readonly (WorkerDeploymentVersion | undefined)[],
  routing: Routing,
  taskQueue: string,
): Finding {
  const current = nameOf(routing.current);
  const idle = polling.filter((version) => !getsTasks(version, routing));
  const [first] = idle;
  if (idle.length === 0) {
    return ok(CHECK, `the tasks of the task queue ${taskQueue} go to ${current}`);
  }
  const names = [...new Set(idle.map(nameOf))].join(', ');
  const message = `${names}: polls, but gets nothing, since the tasks go to ${current}`;
  const todo =
    first === undefined
      ? `set TEMPORAL_WORKER_BUILD_ID for them, or go back: ${setCurrent(routing.current)} --unversioned`
      : `make it current: ${setCurrent(first)} --build-id ${first.buildId}`;
  // Where others get the tasks, restarts are possible.
  return (idle.length === polling.length ? obstacle : note)(CHECK, message, todo);
}

function nameOf(version: WorkerDeploymentVersion | undefined): string {
  if (version === undefined) return 'workers without a build id';
  return `build ${version.buildId} of ${version.deploymentName}`;
}

function setCurrent(version: WorkerDeploymentVersion | undefined): string {
  const name = version?.deploymentName ?? '';
  return `temporal worker deployment set-current-version --deployment-name ${name}`;
}

/** Checks that Temporal knows the version that this environment names. */
async function checkOwn(client: Client, own: WorkerDeploymentVersion): Promise<Finding[]> {
  const words = await whyUnknownVersion(client, own);
  if (words === undefined) return [];
  const message = `Temporal does not know ${nameOf(own)}: ${words}`;
  const todo =
    'start a worker with it, since Temporal learns a version when its first worker polls; or correct TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID';
  return [note(CHECK, message, todo)];
}
