import {
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RestartAccepted, RestartOutcome } from '../domain/outcome.js';
import type { RestartRequest } from '../domain/request.js';
import { restart } from './ask.js';
import { DESCRIPTIONS } from './descriptions.js';
import { showEnd } from './details.js';
import { answersGiven, failureFor, withoutStack } from './ending.js';
import { extensionMs } from './extension.js';
import { acceptedUpdate, checkNowSignal, extendDeadlineUpdate, progressQuery } from './messages.js';
import { iso, type Ending } from './record.js';
import { RestartRun } from './run.js';
import { announceOutcome } from './search-attributes.js';
import { stopOnCancel } from './stop.js';

/** *The* restart of a job: carries it out, answers those who ask how it stands, records how it ended. */
export async function theRestart(
  request: RestartRequest,
  projectId: string,
): Promise<RestartOutcome> {
  const run = new RestartRun(request, projectId, workflowInfo().runStartTime.getTime());
  let outcome: RestartOutcome | undefined;

  setHandler(progressQuery, () => run.record.progress(), { description: DESCRIPTIONS.progress });
  setHandler(checkNowSignal, () => run.checkNow(), { description: DESCRIPTIONS.checkNow });
  setHandler(
    acceptedUpdate,
    async (): Promise<RestartAccepted> => {
      const { record } = run;
      // Not cancelled with the restart: who asks learns how that ended.
      await CancellationScope.nonCancellable(() =>
        condition(
          () => record.acceptedAt !== undefined || record.attached || outcome !== undefined,
        ),
      );
      const failed = outcome && failureFor(outcome);
      if (failed !== undefined && record.acceptedAt === undefined && !record.attached) throw failed;
      return record.accepted();
    },
    { description: DESCRIPTIONS.accepted },
  );
  setHandler(
    extendDeadlineUpdate,
    (input) => ({ deadline: iso(run.extendDeadline(extensionMs(input))) }),
    { description: DESCRIPTIONS.extendDeadline, validator: (input) => void extensionMs(input) },
  );

  const ending = await carryOut(run);
  outcome = run.record.end(ending, Date.now());
  announceOutcome(run.facts?.searchAttributes ?? [], outcome);
  showEnd(run.record, outcome);
  log.info('The restart has ended', { ...run.job, outcome: ending.outcome, ...ending.error });
  await answersGiven();

  if (outcome.outcome === 'canceled') throw withoutStack(new CancelledFailure('RestartCanceled'));
  const failed = failureFor(outcome);
  if (failed !== undefined) throw failed;
  return outcome;
}

/** Carries the restart out; a cancellation ends it as `canceled`, once the job is left or stopped. */
async function carryOut(run: RestartRun): Promise<Ending> {
  try {
    return await restart(run);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const { lastError } = run;
    run.note('canceled');
    if (run.request.onCancel === 'stop') await stopOnCancel(run);
    return { outcome: 'canceled', ...(lastError && { error: lastError }) };
  }
}
