import type { LoggedRequest } from '../simulator/index.js';
import type { Reading } from '../src/domain/answer.js';
import type { RestartOutcome } from '../src/domain/outcome.js';
import type { RestartOptions } from '../src/domain/options.js';
import type { Call, Story } from './story.js';
import type { Truth } from './truth.js';

/** The faults that concern all runs. */
export interface World {
  /** When workers were killed, in milliseconds since the epoch. */
  workerKills: readonly number[];
  /** From this instant on nothing was killed, and ModelArts behaved. */
  calmSince: number;
}

/** One run of the workflow, with all that is known of it and of its job. */
export interface Run {
  workflowId: string;
  runId: string;
  /** True for *the* restart of its job, false for a joiner. */
  isTheRestart: boolean;
  request: RestartOptions;
  story: Story;
  /** Absent if the run did not end, or ended without an outcome. */
  outcome?: RestartOutcome;
  truth: Truth;
  /** When the next run of *the* restart started. The job's later moves belong to that run. */
  nextAt: number;
  /** The restarts and stops that ModelArts received during this run, in order. */
  sent: readonly LoggedRequest[];
  /** All runs of *the* restart of the same job; this run may be one of them. */
  ofTheJob: readonly Run[];
  world: World;
}

/** Log, history and plan use the same clock, but read it at slightly different instants. */
export const TOLERANCE_MS = 250;

export const REQUESTS: Readonly<Record<string, 'restart' | 'stop'>> = {
  requestRestart: 'restart',
  requestStop: 'stop',
};

const SCHEDULE_TO_START = 2;

export function requestCalls(run: Run, operation?: 'restart' | 'stop'): Call[] {
  return run.story.calls.filter(({ type }) => {
    const of = REQUESTS[type];
    return of !== undefined && (operation === undefined || of === operation);
  });
}

/** Whether the fate of this request is unknown, because its answer or its worker was lost. */
export function isAmbiguous({ end, result, timeoutType }: Call): boolean {
  if (end === 'completed') return (result as { kind?: string } | undefined)?.kind === 'ambiguous';
  return end !== 'timed-out' || timeoutType !== SCHEDULE_TO_START;
}

/** Returns the readings of looks and waits, in the order of the history. */
export function readings(run: Run): { reading: Reading; call: Call }[] {
  return run.story.calls.flatMap((call) => {
    const answer = call.result as { look?: unknown; reading?: Reading } | null | undefined;
    const { reading } = (answer?.look ?? answer ?? {}) as { reading?: Reading };
    return reading === undefined ? [] : [{ reading, call }];
  });
}

/** Returns when ModelArts took restarts during this run. */
export function restartsTaken(run: Run): number[] {
  return run.sent
    .filter(({ operation, carriedOut }) => operation === 'restart' && carriedOut)
    .map(({ at }) => at);
}

/** Returns the deadline as it was last moved. */
export function deadlineOf({ story, request }: Run): number {
  return story.deadlines.at(-1) ?? story.startedAt + request.timeoutMs;
}
