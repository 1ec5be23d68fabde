import { CancelledFailure, type ChildWorkflowFailure } from '@temporalio/workflow';
import type { FollowedEnd } from '../activities/activities.js';
import { JOB_OUTCOMES, type JobOutcomeName } from '../domain/batch-outcome.js';
import { defined } from '../domain/defined.js';
import { failureOf } from '../domain/failures.js';
import { isRecord } from '../domain/is-record.js';
import type { RestartOutcome } from '../domain/outcome.js';
import { codeOf } from '../domain/answer.js';
import { failedEnd, type Restart } from './restart-child.js';

/** The failure types of a restart that could not begin, and so has no outcome. */
const INVALID = ['InvalidInput', 'UnknownWorkflowType'];

/** How a member ended. */
export interface MemberEnd {
  outcome: JobOutcomeName;
  message?: string;
  errorCode?: string;
}

/** Waits for the end of a child. */
export async function endOfChild(child: Restart): Promise<MemberEnd> {
  try {
    return asEnd({ kind: 'completed', outcome: await child.result() });
  } catch (error) {
    const failed = failedEnd(error);
    if (failed !== undefined) return asEnd(failed);
    const { cause } = error as ChildWorkflowFailure;
    if (cause instanceof CancelledFailure) return { outcome: 'canceled' };
    return { outcome: 'unknown', message: `the restart is gone: ${cause?.message}` };
  }
}

/** The end of a restart, as the batch records it. */
export function asEnd(end: FollowedEnd): MemberEnd {
  if (end.kind === 'lost')
    return { outcome: 'unknown', message: `the restart is gone: ${end.why}` };
  if (end.kind === 'failed' && end.outcome === undefined) {
    const { type, message } = end;
    return { outcome: INVALID.includes(type) ? 'invalid' : 'unknown', message };
  }
  if (!isOutcome(end.outcome)) {
    return {
      outcome: 'unknown',
      message: 'the restart ended without an outcome that is known here',
    };
  }
  const { outcome, error } = end.outcome;
  const errorCode = outcome === 'refused' && error !== undefined ? codeOf(error) : undefined;
  const message = end.kind === 'failed' ? end.message : failureOf(end.outcome)?.message;
  return { outcome, ...defined({ message, errorCode }) };
}

/**
 * Whether a value has what `asEnd` reads of an outcome. Under the id of a restart anybody may start any
 * workflow, and a newer worker may know more outcomes.
 */
function isOutcome(value: unknown): value is RestartOutcome {
  if (!isRecord(value)) return false;
  const { outcome, error, transitions } = value;
  const names: readonly unknown[] = JOB_OUTCOMES;
  const isText = (text: unknown) => typeof text === 'string';
  const isCode = (code: unknown) => code === undefined || isText(code);
  const isError =
    error === undefined || (isRecord(error) && isText(error['message']) && isCode(error['code']));
  return names.includes(outcome) && Array.isArray(transitions) && isError;
}
