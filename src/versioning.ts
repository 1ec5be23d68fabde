import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import { z } from 'zod';
import type { Environment } from './environment.js';
import { DEFAULT_DEPLOYMENT } from './names.js';

/**
 * What Temporal 1.32 takes. A worker with anything else polls for ever and hears nothing of it: the SDK
 * (1.24) keeps the refusals of its polls to itself.
 */
const LONGEST = 255;
const REFUSED = { deployment: /^__|[.:]/, build: /^__/ };

const part = (refused: RegExp, why: string) =>
  z
    .string()
    .refine((text) => text.length <= LONGEST && !refused.test(text), {
      error: ({ input }) =>
        `must have at most ${LONGEST} characters, without ${why}; got ${JSON.stringify(input)}`,
    })
    .optional();

/** The settings of worker versioning, for the schema of all settings. */
export const VERSION_VARIABLES = {
  TEMPORAL_DEPLOYMENT_NAME: part(REFUSED.deployment, 'a dot, a colon or a leading "__"'),
  TEMPORAL_WORKER_BUILD_ID: part(REFUSED.build, 'a leading "__"'),
};

interface Given {
  TEMPORAL_DEPLOYMENT_NAME?: string | undefined;
  TEMPORAL_WORKER_BUILD_ID?: string | undefined;
}

/** The version of the worker that has these settings; `undefined` if it is not versioned. */
export function versionOf({
  TEMPORAL_DEPLOYMENT_NAME: deploymentName,
  TEMPORAL_WORKER_BUILD_ID: buildId,
}: Given | Environment): WorkerDeploymentVersion | undefined {
  if (!buildId) return undefined;
  return { deploymentName: deploymentName || DEFAULT_DEPLOYMENT, buildId };
}

/** What is wrong with the two settings together. */
export function versionProblems({
  TEMPORAL_DEPLOYMENT_NAME,
  TEMPORAL_WORKER_BUILD_ID,
}: Given): string[] {
  if (TEMPORAL_DEPLOYMENT_NAME === undefined || TEMPORAL_WORKER_BUILD_ID !== undefined) return [];
  return [
    'TEMPORAL_DEPLOYMENT_NAME needs a TEMPORAL_WORKER_BUILD_ID, which turns worker versioning on',
  ];
}

/**
 * The options of a versioned worker; none for one that is not versioned.
 *
 * `AUTO_UPGRADE`: a restart moves on to the version that is made current. `PINNED` would leave a wait
 * on a version that has no worker any more.
 */
export function versioningOptions(
  version: WorkerDeploymentVersion | undefined,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (version === undefined) return {};
  const defaultVersioningBehavior = 'AUTO_UPGRADE';
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior },
  };
}
