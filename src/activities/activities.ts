import type { LookResult, RequestAnswer } from '../domain/answer.js';
import type { JobRef } from '../domain/ids.js';
import type { RestartOutcome } from '../domain/outcome.js';
import type { ChangeWait } from '../domain/change-wait.js';

/** The activities of a restart, as the workflows see them. */
export interface RestartActivities {
  /** Tells what the worker knows that an input may lack. Changes nothing; may run any number of times. */
  describeWorker(): Promise<WorkerFacts>;
  /** Looks at the job until a look succeeds, is refused for good, or the deadline has come. A read. */
  lookAtJob(input: LookInput): Promise<{ look: LookResult; worker: WorkerFacts }>;
  /** Sends the restart request once. Never retried: Temporal can't know whether it went out. */
  requestRestart(input: RequestInput): Promise<RequestAnswer>;
  /** Sends a stop request once. */
  requestStop(input: RequestInput): Promise<RequestAnswer>;
  /** Stays until the job's status differs from the known one. A read; another attempt goes on with it. */
  waitForStatusChange(input: WaitInput): Promise<LookResult>;
  /** Stays until another restart workflow has ended, and tells how. A read. */
  followRestart(input: FollowInput): Promise<FollowedEnd>;
  /** Passes an update on to another restart workflow. Repeated by Temporal under the same update id. */
  updateRestart(input: UpdateInput): Promise<UpdateAnswer>;
}

/** What the worker tells to the workflows, so that these stay deterministic. */
export interface WorkerFacts {
  /** The project of jobs whose input names none. */
  projectId?: string;
  /** Which of the project's search attributes the namespace has registered as Keyword. */
  searchAttributes: string[];
  /** The deadline of one HTTP exchange. */
  requestTimeoutMs: number;
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
  /** Until then a 404 is waited through; absent where no look succeeded before. */
  goneUntilMs?: number;
}

export interface RequestInput {
  job: JobRef;
  /**
   * The request is not sent after this instant (milliseconds since the epoch): an attempt that sat
   * in a queue must not send what its workflow has given up.
   */
  sendByMs: number;
}

/** What a wait ends on. */
export type WaitInput = ChangeWait;

export interface FollowInput {
  workflowId: string;
  /** The run that is followed; default the one that the first attempt finds. */
  runId?: string;
}

/** How the followed restart ended. `lost`: it was terminated, or Temporal does not know it any more. */
export type FollowedEnd =
  | { kind: 'completed'; outcome: RestartOutcome }
  | { kind: 'failed'; type: string; message: string; outcome?: RestartOutcome }
  | { kind: 'canceled'; outcome: RestartOutcome }
  | { kind: 'lost'; why: string };

export interface UpdateInput {
  workflowId: string;
  /** Default: the newest run. */
  runId?: string;
  update: 'accepted' | 'extendDeadline';
  args: unknown[];
  /** The same for every attempt, so that a repeated one gets the first one's answer. */
  updateId: string;
}

/** The update's result, the failure that it ended with, or: the restart had ended before it answered. */
export type UpdateAnswer =
  | { kind: 'answered'; result: unknown }
  | { kind: 'failed'; type: string; message: string; details: unknown[] }
  | { kind: 'lost' };
