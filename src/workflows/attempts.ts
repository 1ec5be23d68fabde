import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { WaitInput, WorkerFacts } from '../activities/activities.js';
import type { JobRef, LookResult, RequestAnswer, ServiceError } from '../domain/answer.js';
import type { RestartRequest } from '../domain/request.js';
import { statusOf } from '../domain/status.js';
import { looks, requests, waits } from './proxies.js';

/** How long a request may wait for a worker before it is not sent any more. */
const SEND_WITHIN_MS = 10_000;

/** Taken until the first look has told the worker's own. */
const USUAL_EXCHANGE_MS = 20_000;

/** Beyond the last look's exchange: the attempts end by themselves, this is the backstop. */
const SLACK_MS = 10_000;

/** Looks until one succeeds, is refused, or the deadline has come. */
export async function lookAttempt(
  job: JobRef,
  deadlineMs: number,
  goneUntilMs?: number,
  exchangeMs = USUAL_EXCHANGE_MS,
): Promise<{ look: LookResult; worker?: WorkerFacts }> {
  const input = { job, deadlineMs, ...(goneUntilMs !== undefined && { goneUntilMs }) };
  const options = {
    summary: `look at job ${job.jobId}`,
    scheduleToCloseTimeout: remaining(deadlineMs) + exchangeMs + SLACK_MS,
  };
  try {
    return await looks.lookAtJob.executeWithOptions(options, [input]);
  } catch (error) {
    return { look: { kind: 'no-reading', error: lateError(error) } };
  }
}

/** What a wait ends on; see `WaitInput`. */
export type WaitFor = Pick<
  WaitInput,
  'last' | 'lookAtOnce' | 'unchangedAtMs' | 'deadlineMs' | 'doubt' | 'decisiveFor'
>;

/** Waits until the status differs from the last one. */
export async function waitAttempt(
  job: JobRef,
  { pollIntervalMs, settleTimeMs }: RestartRequest,
  wait: WaitFor,
  exchangeMs = USUAL_EXCHANGE_MS,
): Promise<LookResult> {
  const options = {
    summary: `job ${job.jobId} is ${statusOf(wait.last).name}: wait for a change`,
    scheduleToCloseTimeout: remaining(wait.deadlineMs) + exchangeMs + SLACK_MS,
  };
  const input = { job, pollIntervalMs, goneGraceMs: settleTimeMs, ...wait };
  try {
    return await waits.waitForStatusChange.executeWithOptions(options, [input]);
  } catch (error) {
    return { kind: 'no-reading', error: lateError(error) };
  }
}

/** Sends a request once; an attempt that Temporal gave up may have sent it, unless it never started. */
export async function requestAttempt(
  what: 'restart' | 'stop',
  job: JobRef,
  exchangeMs = USUAL_EXCHANGE_MS,
): Promise<RequestAnswer> {
  const options = {
    summary: `ask ModelArts to ${what} job ${job.jobId}`,
    scheduleToStartTimeout: SEND_WITHIN_MS,
    startToCloseTimeout: SEND_WITHIN_MS + exchangeMs + SLACK_MS,
  };
  const input = { job, sendByMs: Date.now() + SEND_WITHIN_MS };
  const send = what === 'restart' ? requests.requestRestart : requests.requestStop;
  try {
    return await send.executeWithOptions(options, [input]);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    const timeout = cause instanceof TimeoutFailure ? cause.timeoutType : undefined;
    if (timeout === TimeoutType.SCHEDULE_TO_START) {
      return { kind: 'not-sent', error: { message: 'no worker took the request up in time' } };
    }
    const message = `the worker was lost during the request: ${cause?.message ?? error.message}`;
    return { kind: 'ambiguous', error: { message } };
  }
}

/** What is known of a look that ran out of time; a cancellation goes on. */
function lateError(error: unknown): ServiceError {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  return { message: `no look was answered in time: ${error.cause?.message ?? error.message}` };
}

function remaining(deadlineMs: number): number {
  return Math.max(0, deadlineMs - Date.now());
}
