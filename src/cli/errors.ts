import {
  InvalidInputError,
  RestartError,
  TemporalRefusedError,
  TemporalUnreachableError,
} from '../client/index.js';
import { SettingsError } from '../environment.js';
import { EXIT, type ExitCode } from '../exit.js';
import { flagOf } from './flags.js';

/** The arguments are invalid, or a needed setting is missing. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What an error means for the caller: the exit code, a type for programs, a message for people. */
export interface Explained {
  code: ExitCode;
  type: string;
  message: string;
}

export function explain(error: unknown): Explained {
  if (!(error instanceof Error)) return explain(new Error(String(error)));
  const { message } = error;
  if (error instanceof RestartError) return { code: EXIT.failed, type: error.type, message };
  if (error instanceof InvalidInputError) {
    const text = error.problems.map((problem) => `  - ${asFlag(problem)}`).join('\n');
    return { code: EXIT.usage, type: 'InvalidInput', message: `This can’t be done:\n${text}` };
  }
  const type = error.name.replace(/Error$/, '');
  if (error instanceof TemporalUnreachableError || error instanceof TemporalRefusedError) {
    return { code: EXIT.unreachable, type, message };
  }
  const isUsage = error instanceof UsageError || error instanceof SettingsError;
  return { code: isUsage ? EXIT.usage : EXIT.failed, type: type || 'Error', message };
}

/** Replaces the input's key with its flag: `pollInterval must be` → `--poll-interval must be`. */
function asFlag(problem: string): string {
  const own = problem.replace(/^select: /, '');
  if (own.startsWith('unknown status')) return `--status: ${own}`;
  if (own.startsWith('jobId must')) {
    return `${own}. A job’s name is no id: "modelarts-restarter jobs --search <name>" shows the id`;
  }
  return own.replace(/^(?!jobId)([a-z]+(?:[A-Z][a-z]+)*)(?= must| needs| is)/, (key) =>
    flagOf(key),
  );
}
