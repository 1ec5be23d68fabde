import { Context } from '@temporalio/activity';
import type { LookResult } from '../domain/answer.js';
import { pauseAfter, trimToDeadline } from '../domain/retry.js';
import type { ModelArtsClient } from '../modelarts/index.js';
import type { LookInput } from './activities.js';
import { heartbeatWhile } from './heartbeat.js';
import { lookFailed } from './retryable.js';

/** One look. A transient failure is thrown until an answer is due, so that Temporal looks again. */
export async function lookAtJob(client: ModelArtsClient, input: LookInput): Promise<LookResult> {
  const { job, deadlineMs, answerByMs = deadlineMs, goneUntilMs = 0 } = input;
  const startedAt = Date.now();
  const answer = await heartbeatWhile(() => client.detail(job));
  if (answer.kind === 'read') return { kind: 'read', reading: answer.value };
  const { error } = answer;
  const passes = answer.kind === 'again' || (error.httpStatus === 404 && startedAt < goneUntilMs);
  if (!passes) return { kind: 'refused', error };
  const isGone = answer.kind === 'refused';
  const endMs = isGone ? deadlineMs : Math.min(answerByMs, deadlineMs);
  if (startedAt >= endMs) return { kind: 'no-reading', error };
  const { attempt } = Context.current().info;
  const retryAfterMs = isGone ? undefined : answer.retryAfterMs;
  const pauseMs = pauseAfter(attempt, retryAfterMs, Math.random());
  throw lookFailed(error, trimToDeadline(pauseMs, Date.now(), endMs));
}
