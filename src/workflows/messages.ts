import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BatchInput } from '../domain/batch-options.js';
import type { BatchOutcome } from '../domain/batch-outcome.js';
import type {
  ExtendedDeadline,
  RestartAccepted,
  RestartOutcome,
  RestartProgress,
} from '../domain/outcome.js';
import { RESTART_JOINED } from '../domain/ids.js';
import type { RestartInput } from '../domain/options.js';

/** The type of the workflow `restartVisualizationJob`, for code that starts it by name. */
export type RestartWorkflow = (input: RestartInput | string | number) => Promise<RestartOutcome>;

/** The type of the workflow `restartVisualizationJobs`, for code that starts it by name. */
export type BatchWorkflow = (input: BatchInput) => Promise<BatchOutcome>;

/** The outcome so far, and where the restart is. */
export const progressQuery = defineQuery<RestartProgress>('progress');

/** Answers once ModelArts took the request; fails with the restart's failure if it did not. */
export const acceptedUpdate = defineUpdate<RestartAccepted>('accepted');

/** Looks at the job at once. */
export const checkNowSignal = defineSignal('checkNow');

/** Tells the workflow that somebody else has joined its restart. Sent by a worker, never by people. */
export const restartJoinedSignal = defineSignal(RESTART_JOINED);

/** Moves the deadline to now plus the timeout of `{ "timeout": "15m" }`, and returns it. */
export const extendDeadlineUpdate = defineUpdate<ExtendedDeadline, [unknown]>('extendDeadline');
