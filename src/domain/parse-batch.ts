import {
  BATCH_OPTIONS,
  type BatchInput,
  type BatchOptions,
  LONGEST_SEARCH,
  MOST_JOBS,
  type ReadSelection,
  SELECT_OPTIONS,
} from './batch-options.js';
import { defined } from './defined.js';
import { isRecord } from './is-record.js';
import {
  hintFor,
  type Parsed,
  parseJobless,
  parseText,
  readJobId,
  RESTART_KEYS,
  show,
  showJobId,
  unknownKeys,
} from './parse-options.js';
import { STATUS } from './status.js';

/** The keys that a batch passes on to each of its restarts. */
const EACH_KEYS = RESTART_KEYS.filter((key) => key !== 'jobId' && key !== 'projectId');

/** Every key that a batch's input may have. */
export const BATCH_KEYS: readonly string[] = [
  'jobIds',
  'select',
  'projectId',
  ...Object.keys(BATCH_OPTIONS),
  ...EACH_KEYS,
];

const SELECT_KEYS = Object.keys(SELECT_OPTIONS);

const EXAMPLE = '{"jobIds": ["10", "11"]} or {"select": {"status": ["KILLED"]}}';

/** How many wrong job ids a message shows. */
const SHOWN_IDS = 3;

const CODE_OF_STATUS: ReadonlyMap<string, number> = new Map(
  Object.entries(STATUS).map(([code, { name }]) => [name, Number(code)]),
);

/** The names of all documented statuses. */
export const STATUS_NAMES: readonly string[] = [...CODE_OF_STATUS.keys()];

/** Reads the arguments of `restartVisualizationJobs`: exactly one, an object. */
export function parseBatchArguments(args: readonly unknown[]): Parsed<BatchOptions> {
  if (args.length === 1) return parseBatchInput(args[0]);
  return { ok: false, problems: [`give one argument, such as ${EXAMPLE}; got ${args.length}`] };
}

/** Reads the input of a batch; finds all problems at once. */
export function parseBatchInput(input: unknown): Parsed<BatchOptions> {
  if (!isRecord(input)) {
    return { ok: false, problems: [`give a JSON object such as ${EXAMPLE}; got ${show(input)}`] };
  }
  const problems = unknownKeys(input, BATCH_KEYS);
  const { projectId } = parseJobless(input, problems);
  const count = (key: 'maxConcurrent' | 'stopAfterFailures') =>
    parseCount(input[key], key, problems);
  const { longest } = BATCH_OPTIONS.name;
  const common = {
    each: pick(input) as BatchOptions['each'],
    maxConcurrent: count('maxConcurrent') ?? BATCH_OPTIONS.maxConcurrent.default,
    ...defined({
      projectId,
      stopAfterFailures: count('stopAfterFailures'),
      name: parseText(input['name'], 'name', longest, problems),
    }),
  };
  const [hasIds, hasSelect] = [input['jobIds'] !== undefined, input['select'] !== undefined];
  if (hasIds && hasSelect) problems.push('give either jobIds or select, not both');
  if (!hasIds && !hasSelect) problems.push(`jobIds or select is missing: give ${EXAMPLE}`);
  const jobIds = hasIds ? parseJobIds(input['jobIds'], problems) : [];
  const select = hasSelect ? parseSelect(input['select'], problems) : {};
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: hasIds ? { ...common, jobIds } : { ...common, select } };
}

/** The keys that go to each restart, as they were given. */
function pick(given: Record<string, unknown>): Partial<BatchInput> {
  return defined(Object.fromEntries(EACH_KEYS.map((key) => [key, given[key]])));
}

function parseJobIds(value: unknown, problems: string[]): string[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.push(`jobIds must be a list of 1–${MOST_JOBS} job ids; got ${show(value)}`);
    return [];
  }
  const given = value as unknown[];
  const wrong = given.filter((id) => readJobId(id) === undefined);
  if (wrong.length > 0) {
    const shown = wrong.slice(0, SHOWN_IDS).map(showJobId).join(', ');
    const more = wrong.length > SHOWN_IDS ? ', …' : '';
    problems.push(
      `jobIds must be 1–19 digits each, without a leading zero; ${wrong.length} of ${given.length} are not: ${shown}${more}`,
    );
  }
  const jobIds = [...new Set(given.map(readJobId).filter((id) => id !== undefined))];
  if (jobIds.length > MOST_JOBS) {
    problems.push(
      `jobIds must be at most ${MOST_JOBS} jobs; got ${jobIds.length}: give the others to another batch`,
    );
  }
  return jobIds;
}

/** Reads a selection alone; finds all problems at once. */
export function parseSelection(value: unknown): Parsed<ReadSelection> {
  const problems: string[] = [];
  const selection = parseSelect(value, problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: selection };
}

function parseSelect(value: unknown, problems: string[]): ReadSelection {
  if (!isRecord(value)) {
    problems.push(
      `select must be an object such as {"status": ["KILLED", "FAILED"]}; got ${show(value)}`,
    );
    return {};
  }
  const own: string[] = unknownKeys(value, SELECT_KEYS);
  const status = parseStatuses(value['status'], own);
  const search = parseText(value['search'], 'search', LONGEST_SEARCH, own);
  if (search === '') own.push('search must not be empty: leave it out to select by the rest');
  const { workspaceId } = value;
  // The documents show "0" and ids of 32 letters and digits.
  const isId = typeof workspaceId === 'string' && /^[\w-]{1,64}$/.test(workspaceId);
  if (workspaceId !== undefined && !isId) {
    own.push(`workspaceId must be a text of 1–64 letters and digits; got ${show(workspaceId)}`);
  }
  problems.push(...own.map((problem) => `select: ${problem}`));
  return defined({ status, search, workspaceId: isId ? workspaceId : undefined });
}

/** Reads statuses, by name or number. Takes unknown numbers too, because ModelArts may add a status. */
function parseStatuses(value: unknown, problems: string[]): number[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0) {
    problems.push(`status must be a list such as ["KILLED", 11]; got ${show(value)}`);
    return undefined;
  }
  const codes = (value as unknown[]).map((status) => {
    if (Number.isSafeInteger(status) && (status as number) >= 0) return status as number;
    const code = typeof status === 'string' ? CODE_OF_STATUS.get(status) : undefined;
    if (code === undefined) {
      const hint = hintFor(typeof status === 'string' ? status : '', STATUS_NAMES);
      problems.push(`unknown status ${show(status)}: ${hint}`);
    }
    return code;
  });
  return [...new Set(codes.filter((code) => code !== undefined))];
}

function parseCount(
  value: unknown,
  key: 'maxConcurrent' | 'stopAfterFailures',
  problems: string[],
): number | undefined {
  if (value === undefined) return undefined;
  const { min, max } = BATCH_OPTIONS[key];
  const isIn = Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
  if (isIn) return value as number;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `of ${min}–${max}`;
  problems.push(`${key} must be a whole number ${range}; got ${show(value)}`);
  return undefined;
}
