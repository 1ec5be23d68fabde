import type { LookResult, RequestAnswer, ServiceError } from '../domain/answer.js';
import type { ReadSelection } from '../domain/batch-options.js';
import type { JobRef } from '../domain/ids.js';
import type { RestartOutcome } from '../domain/outcome.js';
import type { ChangeWait } from '../domain/change-wait.js';
import type { WorkerLimits } from '../domain/worker-limits.js';

/** The activities of a restart, as the workflows see them. */
export interface RestartActivities {
  /**
   * Returns the worker's facts. Read-only, so it may run any number of times. Looks the default project up only if
   * the input names none. Tries again while IAM can't be asked; the last try begins at `lastTryAtMs`.
   */
  describeWorker(input?: FactsInput): Promise<WorkerFacts>;
  /**
   * Looks at the job until a look succeeds, is refused for good, or the deadline has come. Read-only, so
   * it may run twice. Of the allowed projects, it returns none but the job's own.
   */
  lookAtJob(input: LookInput): Promise<{ look: LookResult; worker: WorkerFacts; pace?: string }>;
  /** Sends the restart request once. Never retried: Temporal can't know whether it went out. */
  requestRestart(input: RequestInput): Promise<RequestAnswer>;
  /** Sends a stop request once. Never retried, for the same reason. */
  requestStop(input: RequestInput): Promise<RequestAnswer>;
  /** Waits until the job's status differs from the known one. Read-only, so another attempt may continue the wait. */
  waitForStatusChange(input: WaitInput): Promise<LookResult & { pace?: string }>;
  /** Waits until another restart workflow has ended, and returns how. Idempotent, so another attempt may continue the wait. */
  followRestart(input: FollowInput): Promise<FollowedEnd>;
  /** Reads the project's list, and returns the jobs that a selection matches. Read-only, so another attempt may continue. */
  selectJobs(input: SelectInput): Promise<SelectedJobs>;
  /** Passes an update on to another restart workflow. Idempotent, because each attempt uses the same update id. */
  updateRestart(input: UpdateInput): Promise<UpdateAnswer>;
}

/** What workflows learn from the worker. They get these facts by an activity, so that they stay deterministic. */
export interface WorkerFacts extends WorkerLimits {
  /** The project for an input without `projectId`. */
  projectId?: string;
  /** Why there is none, if IAM refuses to tell it. */
  whyNoProject?: string;
  /** Which of the project's search attributes the namespace has registered as Keyword. */
  searchAttributes: string[];
  /** The deadline of one HTTP exchange. */
  requestTimeoutMs: number;
}

interface FactsInput {
  isProjectKnown: boolean;
  /** In milliseconds since the epoch. Default: no end. */
  lastTryAtMs?: number;
}

export interface LookInput {
  job: JobRef;
  /** The last look is made at this instant, in milliseconds since the epoch. */
  deadlineMs: number;
  /**
   * From this instant on (milliseconds since the epoch) a look without a usable answer ends the
   * activity as `no-reading`. Default: the deadline. A 404 that is waited through does not count.
   */
  answerByMs?: number;
  /** Until when a 404 is waited through; absent if no look has succeeded yet. */
  goneUntilMs?: number;
  /**
   * A page of the list that showed the job up is enough, if it was asked for `CLOCKS_DIFFER_MS` after this
   * instant or later (milliseconds since the epoch). Absent: the look is made after this call.
   */
  upSinceMs?: number;
}

export interface RequestInput {
  job: JobRef;
  /**
   * The request is not sent after this instant (milliseconds since the epoch). Otherwise an attempt
   * that sat in a queue could send a request that its workflow has given up.
   */
  sendByMs: number;
}

/**
 * What a wait ends on. Its result, like that of a look, has a `pace` if the gateway's limit is known:
 * `next look in 12 s: 200 calls per 5 min`, or the limit alone.
 */
export type WaitInput = ChangeWait;

export interface FollowInput {
  workflowId: string;
  /** The run to follow; default: the run that the first attempt finds. */
  runId?: string;
}

/** How the followed restart ended. `lost`: its workflow was terminated, timed out, or is gone. */
export type FollowedEnd =
  | { kind: 'completed'; outcome: RestartOutcome }
  | { kind: 'failed'; type: string; message: string; outcome?: RestartOutcome }
  | { kind: 'canceled'; outcome: RestartOutcome }
  | { kind: 'lost'; why: string };

export interface SelectInput {
  projectId: string;
  select: ReadSelection;
}

/**
 * The jobs that a selection matches, by ascending id.
 *
 * - `refused`: ModelArts or its gateway refused the list for good.
 * - `too-many`: more than a batch takes.
 */
export type SelectedJobs =
  | { kind: 'selected'; jobIds: string[] }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'too-many' };

export interface UpdateInput {
  workflowId: string;
  /** Default: the newest run. */
  runId?: string;
  update: 'accepted' | 'extendDeadline';
  args: unknown[];
  /** The same id for every attempt, so that Temporal deduplicates the update and returns the first answer. */
  updateId: string;
}

/** The answer to an update. `lost`: the restart ended before it answered. */
export type UpdateAnswer =
  | { kind: 'answered'; result: unknown }
  | { kind: 'failed'; type: string; message: string; details: unknown[] }
  | { kind: 'lost' };
