import { Option, type Command } from 'commander';
import { InvalidInputError } from '../client/errors.js';
import { jobOf } from '../client/start-restart.js';
import {
  BATCH_OPTIONS,
  type BatchInput,
  type JobSelection,
  type ReadSelection,
  SELECT_OPTIONS,
} from '../domain/batch-options.js';
import { defined } from '../domain/defined.js';
import { OPTIONS, type OptionKey, type RestartInput } from '../domain/options.js';
import { parseBatchInput, parseSelection, STATUS_NAMES } from '../domain/parse-batch.js';

/** The keys of the input that have a flag: those whose row has a `help` text. */
type FlagKey = {
  [K in OptionKey]: (typeof OPTIONS)[K] extends { help: string } ? K : never;
}[OptionKey];

const RESTART_FLAG_KEYS = (Object.keys(OPTIONS) as OptionKey[]).filter(
  (key): key is FlagKey => 'help' in OPTIONS[key],
);

/** The flags that say how to restart a job, as commander reads them. */
export type RestartFlags = { project?: string } & { [K in FlagKey]?: string };

export const projectOption = (): Option =>
  new Option('--project <id>', 'the job’s project (default: HW_PROJECT_ID)');

export const jsonOption = (): Option =>
  new Option('--json', 'print one JSON document on standard output, and nothing else there');

/** Adds the flags of a restart to a verb. */
export function addRestartOptions(command: Command): Command {
  command.addOption(projectOption());
  for (const key of RESTART_FLAG_KEYS) command.addOption(optionOf(key));
  return command;
}

/** Makes a key's flag from its row. */
function optionOf(key: FlagKey): Option {
  const row = OPTIONS[key];
  const flag = flagOf(key);
  switch (row.kind) {
    case 'choice':
      return new Option(`${flag} <${row.shown}>`, row.help).choices(row.choices);
    case 'duration': {
      const { help, min, max, default: usual } = row;
      return new Option(`${flag} <duration>`, `${help}, ${min}–${max} (default: ${usual})`);
    }
    case 'text':
      return new Option(`${flag} <text>`, row.help);
  }
}

/**
 * Makes the input from the flags. Leaves out flags that are not given, because the workflow sets the
 * defaults.
 *
 * @throws InvalidInputError with every problem
 */
export function inputOf(
  jobId: string,
  flags: RestartFlags,
  projectId: string,
  requestedBy: string | undefined,
): RestartInput {
  const input: RestartInput = defined({ jobId, projectId, ...saidBy(flags), requestedBy });
  jobOf(input);
  return input;
}

/** The keys of the input that the flags give. */
function saidBy(flags: RestartFlags): Omit<RestartInput, 'jobId' | 'projectId'> {
  const said = RESTART_FLAG_KEYS.map((key) => {
    return [key, OPTIONS[key].kind === 'duration' ? milliseconds(flags[key]) : flags[key]];
  });
  return defined(Object.fromEntries(said) as Omit<RestartInput, 'jobId' | 'projectId'>);
}

/** Reads digits alone as milliseconds, like the input. The bounds reject most values meant as seconds. */
export function milliseconds(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

/** `pollInterval` → `--poll-interval`, `projectId` → `--project`. */
export function flagOf(key: string): string {
  return `--${key.replace(/Id$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

type SelectKey = keyof typeof SELECT_OPTIONS;
type BatchKey = keyof typeof BATCH_OPTIONS;

const SELECT_FLAG_KEYS = Object.keys(SELECT_OPTIONS) as SelectKey[];
const BATCH_FLAG_KEYS = Object.keys(BATCH_OPTIONS) as BatchKey[];

/** `workspaceId` → `workspace`, as in its flag. */
type FlagName<K extends string> = K extends `${infer Stem}Id` ? Stem : K;

/** The flags that select jobs of ModelArts, as commander reads them. */
export type SelectFlags = { [K in SelectKey as FlagName<K>]?: string };

/** The flags of a batch. */
export type BatchFlags = RestartFlags &
  SelectFlags & { [K in BatchKey]?: string } & { all?: boolean };

/** The flags that select jobs, as messages name them. */
const SELECTING = '--status, --search, --workspace or --all';

/** Adds the flags that select jobs to a verb. */
export function addSelectOptions(command: Command): Command {
  for (const key of SELECT_FLAG_KEYS) {
    const { kind, shown, help } = SELECT_OPTIONS[key];
    const option = new Option(`${flagOf(key)} <${shown}>`, help);
    // The choices are for completion and help alone. The value may be a list, and is checked later.
    if (kind === 'statuses') option.choices(STATUS_NAMES).argParser((text) => text);
    command.addOption(option);
  }
  return command;
}

/** Adds the flags that make a batch to a verb. */
export function addBatchOptions(command: Command): Command {
  addSelectOptions(command).option(
    '--all',
    'all jobs of the project, in the default workspace or in that of --workspace',
  );
  for (const key of BATCH_FLAG_KEYS) {
    const row = BATCH_OPTIONS[key];
    const usual = 'default' in row ? ` (default: ${row.default})` : '';
    const value = row.kind === 'count' ? 'number' : 'text';
    command.option(`${flagOf(key)} <${value}>`, `${row.help}${usual}`);
  }
  return command;
}

/** Whether the flags ask for a batch: they select jobs, or one of them is a batch's own. */
export function asksForBatch(flags: BatchFlags): boolean {
  return (
    selectionOf(flags) !== undefined || BATCH_FLAG_KEYS.some((key) => flags[key] !== undefined)
  );
}

/** The selection that the flags make; `undefined` if they make none. */
function selectionOf(flags: SelectFlags & { all?: boolean }): JobSelection | undefined {
  const said = SELECT_FLAG_KEYS.map((key) => {
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
  const own = BATCH_FLAG_KEYS.map((key) => {
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
