import { parseDuration } from './duration.js';
import { nearest } from './nearest.js';
import type { RestartOptions } from './options.js';

/** Either the value, or every problem that was found, each a sentence for the caller. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problems: string[] };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const CHOICES = {
  until: ['running', 'finished'],
  ifRunning: ['fail', 'attach', 'stop'],
  onCancel: ['leave', 'stop'],
  ifUnknown: ['fail', 'repeat'],
} as const;

const DURATIONS = {
  timeout: { default: 30 * MINUTE, min: SECOND, max: 7 * DAY, range: '1s–7d' },
  pollInterval: { default: 5 * SECOND, min: SECOND, max: 10 * MINUTE, range: '1s–10m' },
  settleTime: { default: 60 * SECOND, min: 0, max: 10 * MINUTE, range: '0s–10m' },
} as const;

const TEXTS = ['reason', 'requestedBy'] as const;

/** Every key that a restart's input may have. */
export const RESTART_KEYS: readonly string[] = [
  'jobId',
  'projectId',
  ...Object.keys(CHOICES),
  ...Object.keys(DURATIONS),
  ...TEXTS,
];

const EXAMPLE = '{"jobId": "10"}';

/** Reads the arguments of `restartVisualizationJob`: exactly one, an object or a bare job id. */
export function parseRestartArguments(args: readonly unknown[]): Parsed<RestartOptions> {
  if (args.length !== 1) {
    return { ok: false, problems: [`give one argument, such as ${EXAMPLE}; got ${args.length}`] };
  }
  return parseRestartInput(args[0]);
}

/** Reads one input; finds all problems at once and names the nearest known key of an unknown one. */
export function parseRestartInput(input: unknown): Parsed<RestartOptions> {
  if (typeof input === 'string' || typeof input === 'number') {
    return parseRestartInput({ jobId: input });
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, problems: [`give a JSON object such as ${EXAMPLE}; got ${show(input)}`] };
  }
  const given = input as Record<string, unknown>;
  const problems = unknownKeys(given);
  const choose = <K extends keyof typeof CHOICES>(key: K) => parseChoice(given, key, problems);
  const last = <K extends keyof typeof DURATIONS>(key: K) => parseSpan(given[key], key, problems);
  const projectId = parseProjectId(given['projectId'], problems);
  const reason = parseText(given, 'reason', problems);
  const requestedBy = parseText(given, 'requestedBy', problems);
  const value: RestartOptions = {
    jobId: parseJobId(given['jobId'], problems),
    ...(projectId === undefined ? {} : { projectId }),
    until: choose('until'),
    ifRunning: choose('ifRunning'),
    onCancel: choose('onCancel'),
    timeoutMs: last('timeout'),
    pollIntervalMs: last('pollInterval'),
    settleTimeMs: last('settleTime'),
    ifUnknown: choose('ifUnknown'),
    ...(reason === undefined ? {} : { reason }),
    ...(requestedBy === undefined ? {} : { requestedBy }),
  };
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

/** Reads the argument of the update `extendDeadline`: `{ "timeout": "15m" }`, in milliseconds. */
export function parseExtension(input: unknown): Parsed<number> {
  const example = '{"timeout": "15m"}';
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, problems: [`give a JSON object such as ${example}; got ${show(input)}`] };
  }
  const given = input as Record<string, unknown>;
  const problems = Object.keys(given)
    .filter((key) => key !== 'timeout')
    .map((key) => `unknown key ${show(key)}: the only one is "timeout"`);
  if (given['timeout'] === undefined) problems.push(`timeout is missing: give ${example}`);
  const value = parseSpan(given['timeout'], 'timeout', problems);
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

function unknownKeys(given: Record<string, unknown>): string[] {
  return Object.keys(given)
    .filter((key) => !RESTART_KEYS.includes(key))
    .map((key) => {
      const near = nearest(key, RESTART_KEYS);
      const hint =
        near === undefined ? `known are ${RESTART_KEYS.join(', ')}` : `did you mean "${near}"?`;
      return `unknown key ${show(key)}: ${hint}`;
    });
}

function parseJobId(value: unknown, problems: string[]): string {
  const rule = 'jobId must be 1–19 digits without a leading zero, such as "10"';
  if (value === undefined) {
    problems.push(`jobId is missing: give ${EXAMPLE}`);
    return '';
  }
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return String(value);
  if (typeof value === 'string' && /^[1-9]\d{0,18}$/.test(value)) return value;
  const unsafe = typeof value === 'number' && value > Number.MAX_SAFE_INTEGER;
  problems.push(
    `${rule}; got ${show(value)}${unsafe ? ', which JSON can’t carry exactly: quote it' : ''}`,
  );
  return '';
}

function parseProjectId(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || isProjectId(value)) return value;
  problems.push(`projectId must be 32 lower-case letters and digits; got ${show(value)}`);
  return undefined;
}

/** 32 lower-case letters and digits (ModelArts API reference, api-maas-0019). */
export function isProjectId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9]{32}$/.test(value);
}

function parseChoice<K extends keyof typeof CHOICES>(
  given: Record<string, unknown>,
  key: K,
  problems: string[],
): (typeof CHOICES)[K][number] {
  const value = given[key];
  if (value === undefined) return CHOICES[key][0];
  const found = CHOICES[key].find((choice) => choice === value);
  if (found === undefined) {
    problems.push(
      `${key} must be ${CHOICES[key].map((choice) => `"${choice}"`).join(' or ')}; got ${show(value)}`,
    );
  }
  return found ?? CHOICES[key][0];
}

function parseSpan(value: unknown, key: keyof typeof DURATIONS, problems: string[]): number {
  const rule = DURATIONS[key];
  if (value === undefined) return rule.default;
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined || milliseconds < rule.min || milliseconds > rule.max) {
    problems.push(
      `${key} must be a duration of ${rule.range}, such as "90s" or "1.5h"; got ${show(value)}`,
    );
    return rule.default;
  }
  return milliseconds;
}

function parseText(
  given: Record<string, unknown>,
  key: (typeof TEXTS)[number],
  problems: string[],
): string | undefined {
  const value = given[key];
  if (value === undefined) return undefined;
  // Characters, not UTF-16 units: an emoji is one.
  const length = typeof value === 'string' ? [...value].length : Infinity;
  if (typeof value === 'string' && length <= 200) return value;
  const got = typeof value === 'string' ? `${length} characters` : show(value);
  problems.push(`${key} must be a text of at most 200 characters; got ${got}`);
  return undefined;
}

/** Shows a value as JSON, cut to what fits a sentence. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
