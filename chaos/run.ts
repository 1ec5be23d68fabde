import type { LoggedRequest } from '../simulator/index.js';
import type { Reading } from '../src/domain/answer.js';
import type { RestartOutcome } from '../src/domain/outcome.js';
import type { RestartOptions } from '../src/domain/options.js';
import type { Call, Story } from './story.js';
import type { Truth } from './truth.js';

/** What was done to the world while the runs were under way. */
export interface World {
  workerKills: readonly number[];
  /** From here on nothing was killed, and ModelArts behaved. */
  calmSince: number;
}

/** One run of the workflow, and all that is known of it and of its job. */
export interface Run {
  workflowId: string;
  runId: string;
  /** *The* restart of its job, or one that follows it. */
  isTheRestart: boolean;
  request: RestartOptions;
  story: Story;
  /** Absent where it did not end, or ended without one. */
  outcome?: RestartOutcome;
  truth: Truth;
  /** When the next run of *the* restart of this job began: what the job does from then on is that one's. */
  nextAt: number;
  /** Restarts and stops that ModelArts received in this run's time, in order. */
  sent: readonly LoggedRequest[];
  /** The runs of *the* restart of the same job, this one perhaps among them. */
  ofTheJob: readonly Run[];
  world: World;
}

/** Log, history and planned times are of one machine's clock, but not taken at the very same instant. */
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

/** Whether nobody can know what became of this request: its answer got lost, or its worker. */
export function isAmbiguous({ end, result, timeoutType }: Call): boolean {
  if (end === 'completed') return (result as { kind?: string } | undefined)?.kind === 'ambiguous';
  return end !== 'timed-out' || timeoutType !== SCHEDULE_TO_START;
}

/** What looks and waits have read, in the order of the history. */
export function readings(run: Run): { reading: Reading; call: Call }[] {
  return run.story.calls.flatMap((call) => {
    const answer = call.result as { look?: unknown; reading?: Reading } | null | undefined;
    const { reading } = (answer?.look ?? answer ?? {}) as { reading?: Reading };
    return reading === undefined ? [] : [{ reading, call }];
  });
}

/** Restarts that ModelArts took in this run's time. */
export function restartsTaken(run: Run): number[] {
  return run.sent
    .filter(({ operation, carriedOut }) => operation === 'restart' && carriedOut)
    .map(({ at }) => at);
}

/** The last deadline. */
export function deadlineOf({ story, request }: Run): number {
  return story.deadlines.at(-1) ?? story.startedAt + request.timeoutMs;
}
