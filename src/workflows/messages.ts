import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  ExtendedDeadline,
  RestartAccepted,
  RestartOutcome,
  RestartProgress,
} from '../domain/outcome.js';
import { RESTART_JOINED } from '../domain/nexus-restart.js';
import type { RestartInput } from '../domain/request.js';

/** The workflow `restartVisualizationJob`, for those who start it by its name. */
export type RestartWorkflow = (input: RestartInput | string | number) => Promise<RestartOutcome>;

/** The outcome so far, and where the restart is. */
export const progressQuery = defineQuery<RestartProgress>('progress');

/** Answers once ModelArts took the request; fails as the restart does where it did not. */
export const acceptedUpdate = defineUpdate<RestartAccepted>('accepted');

/** Looks at the job at once. */
export const checkNowSignal = defineSignal('checkNow');

/** Sent by a worker, never by people: somebody else has joined the restart that this one started. */
export const restartJoinedSignal = defineSignal(RESTART_JOINED);

/** `{ "timeout": "15m" }`: the deadline becomes now plus that, and is answered. */
export const extendDeadlineUpdate = defineUpdate<ExtendedDeadline, [unknown]>('extendDeadline');
