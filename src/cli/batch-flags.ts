import { Option, type Command } from 'commander';
import { InvalidInputError } from '../client/errors.js';
import {
  BATCH_OPTIONS,
  type BatchInput,
  type JobSelection,
  type ReadSelection,
  SELECT_OPTIONS,
} from '../domain/batch-options.js';
import { defined } from '../domain/defined.js';
import { parseBatchInput, parseSelection, STATUS_NAMES } from '../domain/parse-batch.js';
import { flagOf, type RestartFlags, saidBy } from './restart-options.js';

type SelectKey = keyof typeof SELECT_OPTIONS;
type BatchKey = keyof typeof BATCH_OPTIONS;

const SELECT_KEYS = Object.keys(SELECT_OPTIONS) as SelectKey[];
const BATCH_KEYS = Object.keys(BATCH_OPTIONS) as BatchKey[];

/** `workspaceId` → `workspace`, as in its flag. */
type FlagName<K extends string> = K extends `${infer Stem}Id` ? Stem : K;

/** The flags that select jobs of ModelArts, as commander reads them. */
export type SelectFlags = { [K in SelectKey as FlagName<K>]?: string };

/** The flags of a batch. */
export type BatchFlags = RestartFlags &
  SelectFlags & { [K in BatchKey]?: string } & { all?: boolean };

/** Says which flags select jobs. */
const SELECTING = '--status, --search, --workspace or --all';

/** Adds the flags that select jobs to a verb. */
export function addSelectOptions(command: Command): Command {
  for (const key of SELECT_KEYS) {
    const { kind, shown, help } = SELECT_OPTIONS[key];
    const option = new Option(`${flagOf(key)} <${shown}>`, help);
    // Known to completion and help. What was given is checked later, because it may be a list.
    if (kind === 'statuses') option.choices(STATUS_NAMES).argParser((text) => text);
    command.addOption(option);
  }
  return command;
}

/** Adds the flags that make a batch to a verb. */
export function addBatchOptions(command: Command): Command {
  addSelectOptions(command).option('--all', 'all jobs of the project’s workspace');
  for (const key of BATCH_KEYS) {
    const row = BATCH_OPTIONS[key];
    const usual = 'default' in row ? ` (default: ${row.default})` : '';
    const value = row.kind === 'count' ? 'number' : 'text';
    command.option(`${flagOf(key)} <${value}>`, `${row.help}${usual}`);
  }
  return command;
}

/** Whether the flags ask for more than a restart of each job by itself. */
export function asksForBatch(flags: BatchFlags): boolean {
  return selectionOf(flags) !== undefined || BATCH_KEYS.some((key) => flags[key] !== undefined);
}

/** The selection that the flags make; `undefined` if they make none. */
function selectionOf(flags: SelectFlags & { all?: boolean }): JobSelection | undefined {
  const said = SELECT_KEYS.map((key) => {
    const text = flags[flagNameOf(key)];
    return [key, SELECT_OPTIONS[key].kind === 'statuses' ? statusesOf(text) : text] as const;
  });
  const selection = defined(Object.fromEntries(said) as JobSelection);
  return Object.keys(selection).length > 0 || flags.all === true ? selection : undefined;
}

function flagNameOf<K extends SelectKey>(key: K): FlagName<K> {
  return key.replace(/Id$/, '') as FlagName<K>;
}

/** `KILLED,11` → `['KILLED', 11]`. */
function statusesOf(text: string | undefined): (string | number)[] | undefined {
  return text?.split(',').map((part) => {
    const status = part.trim();
    return /^\d{1,15}$/.test(status) ? Number(status) : status;
  });
}

/**
 * Reads the flags of a verb that only lists jobs.
 *
 * @throws InvalidInputError with every problem
 */
export function readSelection(flags: SelectFlags): ReadSelection {
  const parsed = parseSelection(selectionOf(flags) ?? {});
  if (!parsed.ok) throw new InvalidInputError(parsed.problems);
  return parsed.value;
}

/**
 * Makes the input of a batch from job ids or from the flags that select jobs.
 *
 * @throws InvalidInputError with every problem
 */
export function batchInputOf(
  jobIds: readonly string[],
  flags: BatchFlags,
  projectId: string,
  requestedBy: string | undefined,
): BatchInput {
  const select = selectionOf(flags);
  const own = BATCH_KEYS.map((key) => {
    const text = flags[key];
    const isCount = BATCH_OPTIONS[key].kind === 'count' && text !== undefined;
    return [key, isCount && /^\d+$/.test(text) ? Number(text) : text];
  });
  const common = defined({
    projectId,
    ...saidBy(flags),
    ...(Object.fromEntries(own) as Pick<BatchInput, BatchKey>),
    requestedBy,
  });
  const inputs: BatchInput[] = [
    ...(jobIds.length > 0 ? [{ ...common, jobIds: [...jobIds] }] : []),
    ...(select !== undefined || jobIds.length === 0 ? [{ ...common, select: select ?? {} }] : []),
  ];
  const problems = inputs.flatMap((input) => {
    const parsed = parseBatchInput(input);
    return parsed.ok ? [] : parsed.problems;
  });
  const all = new Set([...contradictions(jobIds, flags), ...problems]);
  if (all.size > 0) throw new InvalidInputError([...all]);
  return inputs[0]!;
}

function contradictions(jobIds: readonly string[], flags: BatchFlags): string[] {
  const isSelected = selectionOf(flags) !== undefined;
  const isNarrowed = flags.status !== undefined || flags.search !== undefined;
  return [
    ...(jobIds.length > 0 && isSelected
      ? [`give either job ids, or select jobs by ${SELECTING}, not both`]
      : []),
    ...(jobIds.length === 0 && !isSelected
      ? [`no job: give job ids, or select jobs by ${SELECTING}`]
      : []),
    ...(flags.all === true && isNarrowed
      ? ['--all is for all jobs: leave it out, or leave out --status and --search']
      : []),
    ...(flags.name === '' ? ['--name must not be empty'] : []),
  ];
}
