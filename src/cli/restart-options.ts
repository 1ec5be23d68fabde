import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { jobOf } from '../client/start-restart.js';
import { defined } from '../domain/defined.js';
import { OPTIONS, type OptionKey, type RestartInput } from '../domain/options.js';

/** The keys of the input that have a flag: those whose row has a `help` text. */
type FlagKey = {
  [K in OptionKey]: (typeof OPTIONS)[K] extends { help: string } ? K : never;
}[OptionKey];

const FLAG_KEYS = (Object.keys(OPTIONS) as OptionKey[]).filter(
  (key): key is FlagKey => 'help' in OPTIONS[key],
);

/** The flags that say how to restart, as commander reads them. */
export type RestartFlags = { project?: string } & { [K in FlagKey]?: string };

export const projectOption = (): Option =>
  new Option('--project <id>', 'the job’s project (default: HW_PROJECT_ID)');

export const jsonOption = (): Option =>
  new Option('--json', 'print one JSON document on standard output, and nothing else there');

/** Adds the flags of a restart to a verb. */
export function addRestartOptions(command: Command): Command {
  command.addOption(projectOption());
  for (const key of FLAG_KEYS) command.addOption(optionOf(key));
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
export function saidBy(flags: RestartFlags): Omit<RestartInput, 'jobId' | 'projectId'> {
  const said = FLAG_KEYS.map((key) => {
    return [key, OPTIONS[key].kind === 'duration' ? milliseconds(flags[key]) : flags[key]];
  });
  return defined(Object.fromEntries(said) as Omit<RestartInput, 'jobId' | 'projectId'>);
}

/** Reads digits alone as milliseconds, like the input. The bounds reject most values meant as seconds. */
export function milliseconds(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

/** The name for `requestedBy`; `undefined` if the system has none. */
export function userName(): string | undefined {
  try {
    return [...userInfo().username].slice(0, OPTIONS.requestedBy.longest).join('');
  } catch {
    return undefined;
  }
}

/** `pollInterval` → `--poll-interval`, `projectId` → `--project`. */
export function flagOf(key: string): string {
  return `--${key.replace(/Id$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
