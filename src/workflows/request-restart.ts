import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import type { RequestAnswer } from '../domain/answer.js';
import type { RestartRun } from './run.js';

/**
 * Sends the restart request. From here on it may be at work, unless the answer tells that it is
 * not. A cancellation that came meanwhile takes effect now that the answer is known.
 */
export async function requestRestart(run: RestartRun): Promise<RequestAnswer> {
  const { record } = run;
  record.phase = 'requesting';
  const mayBeAtWork = run.asked;
  run.asked = true;
  const answer = await run.send('restart');
  if (answer.kind === 'refused' || answer.kind === 'not-sent') run.asked = mayBeAtWork;
  if (answer.kind === 'accepted') record.accept(Date.now());
  run.lastError = answer.kind === 'accepted' ? undefined : answer.error;
  if (CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure('Cancelled while the request was under way');
  }
  return answer;
}
