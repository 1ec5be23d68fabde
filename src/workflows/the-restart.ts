import {
  type ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  log,
  metricMeter,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { codeForMetrics } from '../domain/answer.js';
import { defined } from '../domain/defined.js';
import type { RestartAccepted, RestartOutcome } from '../domain/outcome.js';
import type { RestartOptions } from '../domain/options.js';
import { ActivityHands } from './activity-hands.js';
import { announceOutcome, showDetails, showEnd } from './temporal-ui.js';
import {
  answersGiven,
  DESCRIPTIONS,
  extensionMs,
  failureFor,
  inputFailure,
  tooLateToExtend,
  withoutStack,
} from './replies.js';
import { acceptedUpdate, checkNowSignal, extendDeadlineUpdate, progressQuery } from './messages.js';
import { carryOut } from './protocol/carry-out.js';
import { iso } from './protocol/record.js';
import { RestartRun } from './protocol/run.js';

/** Carries out *the* restart of a job, answers its messages, and records how it ended. */
export async function theRestart(
  options: RestartOptions,
  projectId: string,
): Promise<RestartOutcome> {
  const job = { projectId, jobId: options.jobId };
  const hands: ActivityHands = new ActivityHands(job, options, () =>
    showDetails(run.record, run.endsAtMs, hands.pace),
  );
  const startedAtMs = workflowInfo().startTime.getTime();
  const run: RestartRun = new RestartRun(options, projectId, startedAtMs, hands);
  const { record } = run;
  let outcome: RestartOutcome | undefined;
  let invalid: ApplicationFailure | undefined;

  setHandler(progressQuery, () => record.progress(), { description: DESCRIPTIONS.progress });
  setHandler(checkNowSignal, () => run.checkNow(), { description: DESCRIPTIONS.checkNow });
  setHandler(
    acceptedUpdate,
    async (): Promise<RestartAccepted> => {
      const isAnswered = () => record.acceptedAt !== undefined || record.attached;
      // Not cancelled with the restart: the caller must learn how it ended.
      await CancellationScope.nonCancellable(() =>
        condition(() => isAnswered() || outcome !== undefined || invalid !== undefined),
      );
      if (invalid !== undefined) throw invalid;
      const failed = outcome && failureFor(outcome);
      if (failed !== undefined && !isAnswered()) throw failed;
      return record.accepted();
    },
    { description: DESCRIPTIONS.accepted },
  );
  setHandler(
    extendDeadlineUpdate,
    (input) => {
      const byMs = extensionMs(input);
      if (run.isStoppingOnCancel) throw tooLateToExtend('is cancelled, and stops the job');
      return { deadline: iso(run.extendDeadline(byMs)) };
    },
    { description: DESCRIPTIONS.extendDeadline, validator: (input) => void extensionMs(input) },
  );

  const { requestedBy, reason } = options;
  log.info('The restart has begun', { ...job, ...defined({ requestedBy, reason }) });
  CancellationScope.current().cancelRequested.catch(() => run.cancel());
  const ending = await CancellationScope.nonCancellable(() => carryOut(run));
  if (hands.problems.length > 0) {
    record.phase = 'done';
    invalid = inputFailure(hands.problems);
    setCurrentDetails(invalid.message);
    await answersGiven();
    throw invalid;
  }
  outcome = record.end(ending, Date.now());
  await hands.askForFacts();
  announceOutcome(hands.facts?.searchAttributes ?? [], outcome);
  showEnd(record, outcome);
  countRestart(outcome);
  log.info('The restart has ended', { ...job, outcome: ending.outcome, ...ending.error });
  await answersGiven();

  if (outcome.outcome === 'canceled') throw withoutStack(new CancelledFailure('RestartCanceled'));
  const failed = failureFor(outcome);
  if (failed !== undefined) throw failed;
  return outcome;
}

/**
 * Counts a restart that has ended, and how long it took. The SDK's meter counts nothing while a history
 * is replayed. Only *the* restart of a job is counted, so that whoever joins it adds nothing.
 */
function countRestart({ outcome, error, startedAt, endedAt }: RestartOutcome): void {
  metricMeter
    .createCounter('modelarts_restarts', '', 'Restarts that have ended')
    .add(1, { outcome, code: codeForMetrics(error) });
  metricMeter
    .createHistogram(
      'modelarts_restart_duration_seconds',
      'float',
      '',
      'How long restarts took, from their start to their outcome',
    )
    .record(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1_000, { outcome });
}
