import { OUTCOMES, type OutcomeName } from './outcome.js';

/**
 * How a job of a batch can end: as its restart did, or without one. `skipped`: nothing was sent for it,
 * because the batch had stopped. `invalid`: its restart refused the input.
 */
export const JOB_OUTCOMES = [...OUTCOMES, 'skipped', 'invalid'] as const;

export type JobOutcomeName = OutcomeName | 'skipped' | 'invalid';

/** How one job of a batch ended. */
export interface JobOutcome {
  jobId: string;
  outcome: JobOutcomeName;
  /** The code of a refusal, verbatim: `ModelArts.0105`, or `HTTP403` where the answer had none. */
  errorCode?: string;
}

/** A job that did not get there, with the message of its restart's failure, cut to 200 characters. */
export interface JobFailure extends JobOutcome {
  message: string;
}

/** How many jobs ended in which way. */
export type BatchCounts = { total: number } & Record<JobOutcomeName, number>;

/** How a batch ended. */
export interface BatchOutcome extends BatchCounts {
  /** One for each job, in the order in which they were sent. */
  outcomes: JobOutcome[];
  name?: string;
  reason?: string;
  requestedBy?: string;
  projectId: string;
  startedAt: string;
  endedAt: string;
}

/** What a batch does: it finds its jobs, restarts them, waits for ends after a cancellation, or has ended. */
export type BatchPhase = 'selecting' | 'restarting' | 'canceling' | 'done';

/** The answer of a batch's query `progress`. */
export interface BatchProgress extends BatchCounts {
  phase: BatchPhase;
  /** How many jobs have not been sent yet. */
  waiting: number;
  /** How many restarts are under way, started by the batch or joined. */
  underWay: number;
  /** The jobs whose restarts are under way. */
  jobs: string[];
  /** The last jobs that did not get there, at most 50. */
  failures: JobFailure[];
  name?: string;
  reason?: string;
  requestedBy?: string;
  /** Absent until it is known. */
  projectId?: string;
  startedAt: string;
  /** Absent until the batch has ended. */
  endedAt?: string;
  /** Absent until the batch has ended. */
  outcomes?: JobOutcome[];
}

/** Whether the job got to where its restart was to bring it. */
export function gotThere(outcome: JobOutcomeName): boolean {
  return outcome === 'running' || outcome === 'finished';
}

/** How many jobs did not get there, without those for which nothing was sent any more. */
export function missedIn(counts: BatchCounts): number {
  const missed = JOB_OUTCOMES.filter((outcome) => outcome !== 'skipped' && !gotThere(outcome));
  return missed.reduce((sum, outcome) => sum + counts[outcome], 0);
}
