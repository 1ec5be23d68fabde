import type { WorkerDeploymentVersion } from '@temporalio/common';
import { z } from 'zod';
import { defined } from './domain/defined.js';
import { parseDuration } from './domain/duration.js';
import { isProjectId } from './domain/parse-options.js';
import {
  chooseCredentials,
  type ChosenCredentials,
  CREDENTIAL_VARIABLES,
} from './credential-settings.js';
import { type Environment, SettingsError, withoutEmpty } from './environment.js';
import { GivenSettings } from './given-settings.js';
import { parseRateLimits, type RateLimit } from './modelarts/rate-limit.js';
import { originOf } from './modelarts/urls.js';
import { DEFAULT_TASK_QUEUE } from './names.js';
import {
  forbiddenDefault,
  OPERATOR_VARIABLES,
  operatorSettings,
  type OperatorSettings,
} from './operator-settings.js';
import { VERSION_VARIABLES, versionOf, versionProblems } from './versioning.js';

/** The worker's settings; docs/reference.md lists the variables. */
export interface Settings extends Omit<ChosenCredentials, 'region'>, OperatorSettings {
  taskQueue: string;
  /** How long a starting worker waits for Temporal. */
  connectTimeoutMs: number;
  endpoint: string;
  /** The project of a restart whose input names none. */
  projectId?: string;
  requestTimeoutMs: number;
  /** How many workflows the worker keeps in memory, so that it need not replay their histories. */
  workflowCacheSize: number;
  /** How many waits stay on the worker. A wait beyond that looks once, and comes back for the next look. */
  waitSlots: number;
  /** The gateway's limits, where they are known beforehand. */
  rateLimits: readonly RateLimit[];
  /** The worker's version; absent if it is not versioned. */
  version?: WorkerDeploymentVersion;
}

/** Measured, see docs/measurements.md: with a small cache, a burst of starts causes many replays. */
const DEFAULT_CACHED_WORKFLOWS = 500;

/** As many as one worker keeps with little CPU, see docs/measurements.md. */
const DEFAULT_WAIT_SLOTS = 10_000;

/** A duration between two bounds; `range` is their wording for the message. */
const duration = (fallback: string, minMs: number, maxMs: number, range: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      // Digits alone are milliseconds. The lower bound rejects most values that were meant as seconds.
      const milliseconds = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
      if (milliseconds !== undefined && milliseconds >= minMs && milliseconds <= maxMs) {
        return milliseconds;
      }
      const message = `must be a duration of ${range}, such as "20s"; got ${JSON.stringify(text)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });

/** A whole number between two bounds. */
const wholeNumber = (fallback: number, min: number, max: number) =>
  z
    .string()
    .default(String(fallback))
    .transform((text, context) => {
      if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
      const message = `must be a whole number, ${min}–${max}; got ${JSON.stringify(text)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });

const ENVIRONMENT = z.object({
  TEMPORAL_TASK_QUEUE: z.string().default(DEFAULT_TASK_QUEUE),
  TEMPORAL_CONNECT_TIMEOUT: duration('60s', 1_000, 86_400_000, '1s–1d'),
  ...VERSION_VARIABLES,
  HW_REGION_NAME: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must be a region’s id, such as "cn-north-4"')
    .optional(),
  MODELARTS_ENDPOINT: z
    .string()
    .transform((text, context) => {
      try {
        return originOf(text);
      } catch {
        const message = 'must be https://<host>, or http:// on a loopback host, without a path';
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      }
    })
    .optional(),
  HW_PROJECT_ID: z
    .string()
    .refine(isProjectId, 'must be 32 lower-case letters and digits')
    .optional(),
  ...CREDENTIAL_VARIABLES,
  MODELARTS_REQUEST_TIMEOUT: duration('20s', 100, 300_000, '100ms–5m'),
  // With fewer than 10, workflows evict each other during a task. 10,000 take some 2 GB.
  WORKFLOW_CACHE_SIZE: wholeNumber(DEFAULT_CACHED_WORKFLOWS, 10, 10_000),
  // 10,000 take some 1 GB.
  MODELARTS_WAIT_SLOTS: wholeNumber(DEFAULT_WAIT_SLOTS, 1, 100_000),
  MODELARTS_RATE_LIMIT: z
    .string()
    .default('')
    .transform((text, context) => {
      const limits = text === '' ? [] : parseRateLimits(text);
      if (limits !== undefined) return limits;
      const message = `must be calls per time, such as "200/5m" (several by commas); got ${JSON.stringify(text)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }),
  ...OPERATOR_VARIABLES,
});

/** The names that Huawei Cloud SDKs use. Read if the `HW_…` name is absent. */
const ALSO_READ = {
  HW_ACCESS_KEY: 'HUAWEICLOUD_SDK_AK',
  HW_SECRET_KEY: 'HUAWEICLOUD_SDK_SK',
  HW_SECURITY_TOKEN: 'HUAWEICLOUD_SDK_SECURITY_TOKEN',
  HW_PROJECT_ID: 'HUAWEICLOUD_SDK_PROJECT_ID',
} as const;

/**
 * Reads the worker's settings from the environment. A variable that is set but empty counts as absent.
 *
 * @throws SettingsError that lists every problem
 */
export function readSettings(environment: Environment): Settings {
  const given: Record<string, string> = withoutEmpty(environment);
  // `HW_…` name → the variable that was set in its place, so that problems name that one.
  const setAs: Record<string, string> = {};
  for (const [name, other] of Object.entries(ALSO_READ)) {
    const value = given[other];
    if (given[name] !== undefined || given[`${name}_FILE`] !== undefined) continue;
    if (value === undefined) continue;
    given[name] = value;
    setAs[name] = other;
  }
  const nameOf = (name: string): string => setAs[name] ?? name;
  const parsed = ENVIRONMENT.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${nameOf(path.join('.'))} ${message}`);
  const forCredentials = new GivenSettings(given, nameOf);
  const chosen = chooseCredentials(forCredentials);
  const region = given['HW_REGION_NAME'] ?? chosen?.region;
  if (given['MODELARTS_ENDPOINT'] === undefined && region === undefined) {
    problems.push('no endpoint: set HW_REGION_NAME (such as cn-north-4), or MODELARTS_ENDPOINT');
  }
  problems.push(
    ...forCredentials.problems,
    ...forbiddenDefault(given, nameOf),
    ...versionProblems(given),
  );
  if (!parsed.success || chosen === undefined || problems.length > 0) {
    throw new SettingsError(problems);
  }

  const { data } = parsed;
  const { region: _, projectId, ...forModelArts } = chosen;
  return {
    taskQueue: data.TEMPORAL_TASK_QUEUE,
    connectTimeoutMs: data.TEMPORAL_CONNECT_TIMEOUT,
    endpoint: data.MODELARTS_ENDPOINT ?? `https://modelarts.${region}.myhuaweicloud.com`,
    ...defined({ projectId: data.HW_PROJECT_ID ?? projectId }),
    ...forModelArts,
    requestTimeoutMs: data.MODELARTS_REQUEST_TIMEOUT,
    workflowCacheSize: data.WORKFLOW_CACHE_SIZE,
    waitSlots: data.MODELARTS_WAIT_SLOTS,
    rateLimits: data.MODELARTS_RATE_LIMIT,
    ...operatorSettings(data),
    ...defined({ version: versionOf(data) }),
  };
}
