import type { WorkerDeploymentVersion } from '@temporalio/common';
import { z } from 'zod';
import { defined } from './domain/defined.js';
import { parseDuration } from './domain/duration.js';
import { isProjectId } from './domain/parse-options.js';
import { type Environment, SettingsError, withoutEmpty } from './environment.js';
import type { Credentials } from './modelarts/client.js';
import { parseRateLimits, type RateLimit } from './modelarts/rate-limit.js';
import { originOf } from './modelarts/urls.js';
import { DEFAULT_TASK_QUEUE } from './names.js';
import { VERSION_VARIABLES, versionOf, versionProblems } from './versioning.js';

/** The worker's settings; docs/reference.md lists the variables. */
export interface Settings {
  taskQueue: string;
  /** How long a starting worker waits for Temporal. */
  connectTimeoutMs: number;
  endpoint: string;
  /** The project of a restart whose input names none. */
  projectId?: string;
  credentials: Credentials;
  /** Where the credentials come from, for the log. Names only, no values. */
  credentialsFrom: string;
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

const KEYS_ADVICE =
  'no credentials: set HW_ACCESS_KEY and HW_SECRET_KEY, or HW_AUTH_TOKEN (a ready IAM token)';

/** Measured, see docs/measurements.md: with a small cache, a burst of starts causes many replays. */
const DEFAULT_CACHED_WORKFLOWS = 500;

/** As many as one worker keeps with little CPU, see docs/measurements.md. */
const DEFAULT_WAIT_SLOTS = 10_000;

/** Only characters that a header may hold. Messages never show the value, since it is secret. */
const secret = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'holds a space or a character other than ASCII: copy it again')
  .optional();

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
  HW_ACCESS_KEY: secret,
  HW_SECRET_KEY: secret,
  HW_SECURITY_TOKEN: secret,
  HW_AUTH_TOKEN: secret,
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
    if (given[name] !== undefined || value === undefined) continue;
    given[name] = value;
    setAs[name] = other;
  }
  const nameOf = (name: string): string => setAs[name] ?? name;
  const parsed = ENVIRONMENT.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${nameOf(path.join('.'))} ${message}`);
  if (given['MODELARTS_ENDPOINT'] === undefined && given['HW_REGION_NAME'] === undefined) {
    problems.push('no endpoint: set HW_REGION_NAME (such as cn-north-4), or MODELARTS_ENDPOINT');
  }
  problems.push(...missingCredentials(given, nameOf), ...versionProblems(given));
  if (!parsed.success || problems.length > 0) throw new SettingsError(problems);

  const { data } = parsed;
  return {
    taskQueue: data.TEMPORAL_TASK_QUEUE,
    connectTimeoutMs: data.TEMPORAL_CONNECT_TIMEOUT,
    endpoint:
      data.MODELARTS_ENDPOINT ?? `https://modelarts.${data.HW_REGION_NAME}.myhuaweicloud.com`,
    ...defined({ projectId: data.HW_PROJECT_ID }),
    ...chooseCredentials(data),
    requestTimeoutMs: data.MODELARTS_REQUEST_TIMEOUT,
    workflowCacheSize: data.WORKFLOW_CACHE_SIZE,
    waitSlots: data.MODELARTS_WAIT_SLOTS,
    rateLimits: data.MODELARTS_RATE_LIMIT,
    ...defined({ version: versionOf(data) }),
  };
}

function missingCredentials(
  given: Record<string, string>,
  nameOf: (name: string) => string,
): string[] {
  const { HW_ACCESS_KEY, HW_SECRET_KEY, HW_SECURITY_TOKEN, HW_AUTH_TOKEN } = given;
  if (HW_ACCESS_KEY === undefined && HW_SECRET_KEY === undefined) {
    if (HW_AUTH_TOKEN === undefined) return [KEYS_ADVICE];
    if (HW_SECURITY_TOKEN === undefined) return [];
    return [`${nameOf('HW_SECURITY_TOKEN')} needs its HW_ACCESS_KEY`];
  }
  const missing = (name: string, other: string): string[] => [
    `${name} is missing: ${nameOf(other)} is set`,
  ];
  if (HW_SECRET_KEY === undefined) return missing('HW_SECRET_KEY', 'HW_ACCESS_KEY');
  if (HW_ACCESS_KEY === undefined) return missing('HW_ACCESS_KEY', 'HW_SECRET_KEY');
  return [];
}

/** If both an access key and a token are set, the access key is used. */
function chooseCredentials(
  data: z.output<typeof ENVIRONMENT>,
): Pick<Settings, 'credentials' | 'credentialsFrom'> {
  const { HW_ACCESS_KEY: accessKey, HW_SECRET_KEY: secretKey, HW_SECURITY_TOKEN: token } = data;
  if (accessKey === undefined || secretKey === undefined) {
    const credentials = { kind: 'token', token: data.HW_AUTH_TOKEN! } as const;
    return { credentials, credentialsFrom: 'HW_AUTH_TOKEN' };
  }
  const credentials = {
    kind: 'ak-sk' as const,
    accessKey,
    secretKey,
    ...defined({ securityToken: token }),
  };
  const credentialsFrom = `access key${token === undefined ? '' : ' with security token'}`;
  return { credentials, credentialsFrom };
}
