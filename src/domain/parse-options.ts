import { defined } from './defined.js';
import { parseDuration } from './duration.js';
import { type Choice, type KeyOf, OPTIONS, type RestartOptions } from './options.js';

/** The value, or every problem that was found. Each problem is a sentence for the caller. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** Every key that a restart's input may have. */
export const RESTART_KEYS: readonly string[] = Object.keys(OPTIONS);

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
  const problems = unknownKeys(given, RESTART_KEYS);
  const jobId = parseJobId(given['jobId'], problems);
  const value: RestartOptions = { jobId, ...parseJobless(given, problems) };
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

/** Reads every key of a restart but `jobId`, and adds what is wrong with them to `problems`. */
export function parseJobless(
  given: Record<string, unknown>,
  problems: string[],
): Omit<RestartOptions, 'jobId'> {
  const choice = <K extends KeyOf<'choice'>>(key: K) => parseChoice(given[key], key, problems);
  const ms = (key: KeyOf<'duration'>) => parseSpan(given[key], key, problems);
  const text = (key: KeyOf<'text'>) => parseText(given[key], key, OPTIONS[key].longest, problems);
  return {
    ...defined({ projectId: parseProjectId(given['projectId'], problems) }),
    until: choice('until'),
    ifRunning: choice('ifRunning'),
    onCancel: choice('onCancel'),
    timeoutMs: ms('timeout'),
    pollIntervalMs: ms('pollInterval'),
    settleTimeMs: ms('settleTime'),
    ifUnknown: choice('ifUnknown'),
    ...defined({ reason: text('reason'), requestedBy: text('requestedBy') }),
  };
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

/** A problem for each key that is not known, with the nearest known one. */
export function unknownKeys(given: Record<string, unknown>, known: readonly string[]): string[] {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => `unknown key ${show(key)}: ${hintFor(key, known)}`);
}

/** Names the known word that a mistyped one most likely stands for, or all of them. */
export function hintFor(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
}

function parseJobId(value: unknown, problems: string[]): string {
  const rule = 'jobId must be 1–19 digits without a leading zero, such as "10"';
  if (value === undefined) {
    problems.push(`jobId is missing: give ${EXAMPLE}`);
    return '';
  }
  const jobId = readJobId(value);
  if (jobId !== undefined) return jobId;
  problems.push(`${rule}; got ${showJobId(value)}`);
  return '';
}

/** A wrong job id as a message shows it. A number beyond 2^53 has lost digits on its way here. */
export function showJobId(value: unknown): string {
  const isUnsafe = typeof value === 'number' && value > Number.MAX_SAFE_INTEGER;
  return `${show(value)}${isUnsafe ? ', which JSON can’t carry exactly: quote it' : ''}`;
}

/** A job id as a string, from a string or a number that JSON carries exactly; `undefined` for anything else. */
export function readJobId(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return String(value);
  return isJobId(value) ? value : undefined;
}

/** A job id as a string: 1–19 digits without a leading zero. */
export function isJobId(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9]\d{0,18}$/.test(value);
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

function parseChoice<K extends KeyOf<'choice'>>(
  value: unknown,
  key: K,
  problems: string[],
): Choice<K> {
  const choices: readonly Choice<K>[] = OPTIONS[key].choices;
  const [usual] = OPTIONS[key].choices;
  if (value === undefined) return usual;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    const known = choices.map((choice) => `"${choice}"`).join(' or ');
    problems.push(`${key} must be ${known}; got ${show(value)}`);
  }
  return found ?? usual;
}

function parseSpan(value: unknown, key: KeyOf<'duration'>, problems: string[]): number {
  const { default: usual, min, max } = OPTIONS[key];
  const [usualMs, minMs, maxMs] = [msOf(usual), msOf(min), msOf(max)];
  if (value === undefined) return usualMs;
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined || milliseconds < minMs || milliseconds > maxMs) {
    problems.push(
      `${key} must be a duration of ${min}–${max}, such as "90s" or "1.5h"; got ${show(value)}`,
    );
    return usualMs;
  }
  return milliseconds;
}

/** A duration in the table. A test checks that all of them can be parsed. */
function msOf(duration: string): number {
  return parseDuration(duration)!;
}

export function parseText(
  value: unknown,
  key: string,
  longest: number,
  problems: string[],
): string | undefined {
  if (value === undefined) return undefined;
  // Counts characters, not UTF-16 units, so that an emoji counts as one.
  const length = typeof value === 'string' ? [...value].length : Infinity;
  if (typeof value === 'string' && length <= longest) return value;
  const got = typeof value === 'string' ? `${length} characters` : show(value);
  problems.push(`${key} must be a text of at most ${longest} characters; got ${got}`);
  return undefined;
}

/** Shows a value as JSON, cut to what fits a sentence. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/**
 * Finds the known word that a mistyped one most likely stands for.
 *
 * @returns the nearest of `known`; `undefined` if none is near enough
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  const wanted = fold(word);
  for (const candidate of known) {
    const distance = editDistance(wanted, fold(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return bestDistance <= Math.max(2, Math.floor(wanted.length / 3)) ? best : undefined;
}

/** Makes `poll_interval`, `poll-interval` and `PollInterval` count as near to `pollInterval`. */
function fold(word: string): string {
  return word
    .slice(0, 64)
    .toLowerCase()
    .replace(/[-_\s]/g, '');
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
