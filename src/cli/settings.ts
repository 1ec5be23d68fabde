import { isProjectId } from '../domain/parse-request.js';
import type { Environment } from '../environment.js';
import { DEFAULT_TASK_QUEUE } from '../names.js';
import { UsageError } from './errors.js';

export function taskQueueOf(environment: Environment): string {
  return environment['TEMPORAL_TASK_QUEUE'] || DEFAULT_TASK_QUEUE;
}

/** The project of the flag, or else that of the environment; the worker's own is not known here. */
export function projectOf(flag: string | undefined, environment: Environment): string | undefined {
  const { HW_PROJECT_ID, HUAWEICLOUD_SDK_PROJECT_ID } = environment;
  const variable = HW_PROJECT_ID ? 'HW_PROJECT_ID' : 'HUAWEICLOUD_SDK_PROJECT_ID';
  const [name, value] =
    flag !== undefined
      ? ['--project', flag]
      : [variable, HW_PROJECT_ID || HUAWEICLOUD_SDK_PROJECT_ID || undefined];
  if (value === undefined || isProjectId(value)) return value;
  throw new UsageError(
    `${name} must be 32 lower-case letters and digits; got ${JSON.stringify(value)}`,
  );
}

/** @throws UsageError where there is none */
export function needProject(flag: string | undefined, environment: Environment): string {
  const projectId = projectOf(flag, environment);
  if (projectId !== undefined) return projectId;
  throw new UsageError('no project: give --project <id>, or set HW_PROJECT_ID');
}
