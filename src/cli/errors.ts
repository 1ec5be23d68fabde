import {
  InvalidInputError,
  RestartError,
  TemporalRefusedError,
  TemporalUnreachableError,
} from '../client/index.js';
import { SettingsError } from '../environment.js';
import { flagOf } from './restart-options.js';

/** The call is not what the verb takes, or a setting that it needs is missing. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What an error means for the caller: the exit code, a type for programs, the words for people. */
export interface Explained {
  code: ExitCode;
  type: string;
  message: string;
}

export function explain(error: unknown): Explained {
  if (!(error instanceof Error)) return explain(new Error(String(error)));
  const { message } = error;
  if (error instanceof RestartError) return { code: EXIT.notThere, type: error.type, message };
  if (error instanceof InvalidInputError) {
    const text = error.problems.map((problem) => `  - ${asFlag(problem)}`).join('\n');
    return { code: EXIT.usage, type: 'InvalidInput', message: `This can’t be done:\n${text}` };
  }
  const type = error.name.replace(/Error$/, '');
  if (error instanceof TemporalUnreachableError || error instanceof TemporalRefusedError) {
    return { code: EXIT.unreachable, type, message };
  }
  const isUsage = error instanceof UsageError || error instanceof SettingsError;
  return { code: isUsage ? EXIT.usage : EXIT.notThere, type: type || 'Error', message };
}

/** Problems name the input's keys; here they are flags: `pollInterval must be` → `--poll-interval must be`. */
function asFlag(problem: string): string {
  return problem.replace(/^(?!jobId)([a-z]+(?:[A-Z][a-z]+)*)(?= must| needs| is)/, (key) =>
    flagOf(key),
  );
}

/** How a call of the command line ends, as scripts read it. */
export const EXIT = {
  /** The restart got there; the verb did what it is for. */
  there: 0,
  /** It did not; there is nothing to act on; an obstacle was found. */
  notThere: 1,
  /** Usage or settings. */
  usage: 2,
  unreachable: 3,
  /** The restart goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
