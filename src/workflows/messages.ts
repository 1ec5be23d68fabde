import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ExtendedDeadline, RestartAccepted, RestartProgress } from '../domain/outcome.js';

/** The outcome so far, and where the restart is. */
export const progressQuery = defineQuery<RestartProgress>('progress');

/** Answers once ModelArts took the request; fails as the restart does where it did not. */
export const acceptedUpdate = defineUpdate<RestartAccepted>('accepted');

/** Looks at the job at once. */
export const checkNowSignal = defineSignal('checkNow');

/** `{ "timeout": "15m" }`: the deadline becomes now plus that, and is answered. */
export const extendDeadlineUpdate = defineUpdate<ExtendedDeadline, [unknown]>('extendDeadline');
