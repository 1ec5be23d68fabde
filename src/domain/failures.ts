import { adviceFor, codeOf, type ServiceError, withCode } from './answer.js';
import { type BatchCounts, gotThere, JOB_OUTCOMES } from './batch-outcome.js';
import { defined } from './defined.js';
import { formatDuration } from './duration.js';
import type { OutcomeName, RestartOutcome } from './outcome.js';

interface FailureRow {
  /** Whether Temporal tries the activity again. A workflow's own failures are never retried. */
  retryable: boolean;
  meaning: string;
  advice: string;
}

/**
 * All failure types of this project that a caller or an operator can meet. docs/failures.md lists
 * all of them and nothing else. The type of a refusal is ModelArts' code, which is not listed here.
 * Nor is `LookLater`, by which an attempt ends as planned.
 */
export const FAILURES = {
  InvalidInput: {
    retryable: false,
    meaning: 'The input is not what the workflow takes; no request was sent.',
    advice: 'Correct the named keys and start it again.',
  },
  UnknownWorkflowType: {
    retryable: false,
    meaning: 'No workflow of this name exists here; nothing was done.',
    advice: 'Start it again with a type that the message names.',
  },
  RestartFailed: {
    retryable: false,
    meaning: 'ModelArts took the restart, but the job reached a failure status.',
    advice: 'Read the job’s log in the ModelArts console, mend the cause and restart it.',
  },
  JobStopped: {
    retryable: false,
    meaning: 'The job was stopped, or ended, before it was seen in the wanted status.',
    advice:
      'Find out who stopped it, or whether its auto-stop is shorter than its start; then restart it.',
  },
  RestartHadNoEffect: {
    retryable: false,
    meaning: 'ModelArts took the restart, but the status never moved.',
    advice:
      'Look at the job in the ModelArts console; if it is still down, restart it, with a longer settleTime where ModelArts is slow.',
  },
  RestartTimedOut: {
    retryable: false,
    meaning: 'The job was not where it should be when the time was up; nothing more is done to it.',
    advice:
      'Look at its last status: if it is on its way, start again with ifRunning "attach" and a longer timeout.',
  },
  RestartUnknown: {
    retryable: false,
    meaning: 'What became of the restart can’t be known.',
    advice:
      'Look at the job in the ModelArts console before you restart it; ifUnknown "repeat" asks once more by itself.',
  },
  RestartCanceled: {
    retryable: false,
    meaning: 'The restart was canceled.',
    advice: 'Start it again if it is still wanted.',
  },
  SomeRestartsFailed: {
    retryable: false,
    meaning: 'The restarts of these jobs failed, or were not sent; all others got there.',
    advice:
      'Read in the outcomes which jobs these are and why, mend the causes, and start a batch of those jobs.',
  },
  LookFailed: {
    retryable: true,
    meaning: 'A look at the job got no usable answer.',
    advice:
      'Nothing: it is repeated until the deadline. If it goes on, check the network and ModelArts.',
  },
  WorkerStopping: {
    retryable: true,
    meaning: 'The worker that waited is shutting down.',
    advice: 'Nothing: another worker takes the wait over at once. Keep one running.',
  },
} as const satisfies Record<string, FailureRow>;

type FailureType = keyof typeof FAILURES;

/** The failure type of each outcome; `code`: ModelArts' code; `undefined`: the workflow completes. */
const TYPE_OF_OUTCOME: Record<OutcomeName, FailureType | 'code' | undefined> = {
  running: undefined,
  finished: undefined,
  refused: 'code',
  failed: 'RestartFailed',
  stopped: 'JobStopped',
  'no-effect': 'RestartHadNoEffect',
  'timed-out': 'RestartTimedOut',
  unknown: 'RestartUnknown',
  canceled: 'RestartCanceled',
};

/** A failure's type, and the message for people. */
export interface FailureText {
  type: string;
  message: string;
}

/** Writes the message of an outcome's failure: type, meaning, advice. `undefined` for a success. */
export function failureOf(outcome: RestartOutcome): FailureText | undefined {
  const type = TYPE_OF_OUTCOME[outcome.outcome];
  if (type === undefined) return undefined;
  if (type === 'code') return refusalOf(outcome.error ?? { message: 'no reason was given' });
  const meaning = meaningOf(type, outcome);
  const advice = adviceOf(type, outcome);
  const parts = [`${type}: ${factsOf(outcome)}.`, meaning, because(outcome.error), advice];
  return { type, message: parts.filter((part) => part !== '').join(' ') };
}

/** Reads type, message and outcome from a failure that Temporal delivers. The outcome is its first detail. */
export function readFailure(failure: {
  type?: string | null | undefined;
  message: string;
  details?: unknown[] | null | undefined;
}): FailureText & { outcome?: RestartOutcome } {
  const outcome = (failure.details?.[0] ?? undefined) as RestartOutcome | undefined;
  const type = failure.type ?? 'RestartUnknown';
  return { type, message: failure.message, ...defined({ outcome }) };
}

/** An attached restart has sent no request that ModelArts could have taken. */
function meaningOf(type: FailureType, { attached }: RestartOutcome): string {
  if (attached && type === 'RestartFailed') return 'The job reached a failure status.';
  return FAILURES[type].meaning;
}

/** A canceled restart may have moved the job already. */
function adviceOf(type: FailureType, { acceptedAt }: RestartOutcome): string {
  if (type === 'RestartCanceled' && acceptedAt !== undefined) {
    return 'ModelArts had taken it already: look at the job before you start another; ifRunning "attach" waits for one that is starting.';
  }
  return FAILURES[type].advice;
}

/** Writes the failure for bad input, with every problem in one message. */
export function invalidInput(problems: readonly string[]): FailureText {
  const { meaning, advice } = FAILURES.InvalidInput;
  return {
    type: 'InvalidInput',
    message: `InvalidInput: ${problems.join('; ')}. ${meaning} ${advice}`,
  };
}

/** Writes the failure of a batch in which a job did not get there; `undefined` if all did. */
export function failureOfBatch(counts: BatchCounts): FailureText | undefined {
  const missed = JOB_OUTCOMES.filter((name) => !gotThere(name) && counts[name] > 0);
  if (missed.length === 0) return undefined;
  const { meaning, advice } = FAILURES.SomeRestartsFailed;
  const sum = missed.reduce((before, name) => before + counts[name], 0);
  const each = missed.map((name) => `${counts[name]} ${name}`).join(', ');
  const message = `SomeRestartsFailed: ${sum} of ${counts.total} jobs did not get there: ${each}. ${meaning} ${advice}`;
  return { type: 'SomeRestartsFailed', message };
}

/** Writes the failure for a mistyped workflow type. */
export function unknownWorkflowType(
  name: string,
  known: readonly string[],
  near: string | undefined,
): FailureText {
  const { meaning, advice } = FAILURES.UnknownWorkflowType;
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const message = `UnknownWorkflowType: ${name}; known are: ${known.join(', ')}.${hint} ${meaning} ${advice}`;
  return { type: 'UnknownWorkflowType', message };
}

/** Writes the failure for a refusal of ModelArts or its gateway. */
export function refusalOf(error: ServiceError): FailureText {
  const type = codeOf(error);
  const http = error.httpStatus === undefined ? '' : ` (HTTP ${error.httpStatus})`;
  return {
    type,
    message: `${type}: ${sentence(error.message)} ModelArts refused${http}. ${adviceFor(error)}`,
  };
}

function factsOf({ jobId, before, last, transitions, startedAt, endedAt }: RestartOutcome): string {
  const took = formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
  const path = [before, ...transitions].flatMap((status) => status?.name ?? []);
  const shown = path.length > 6 ? [...path.slice(0, 2), '…', ...path.slice(-3)] : path;
  const seen = shown.length > 0 ? shown.join(' → ') : (last?.name ?? 'no status seen');
  return `job ${jobId} after ${took}: ${seen}`;
}

function because(error: ServiceError | undefined): string {
  if (error === undefined) return '';
  return `Last error: ${sentence(withCode(error))}`;
}

function sentence(text: string): string {
  return /[.!?。！？]$/.test(text) ? text : `${text}.`;
}
