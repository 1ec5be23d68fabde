import {
  CancellationScope,
  CancelledFailure,
  defineQuery,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BatchOutcome, BatchProgress } from '../domain/batch-outcome.js';
import { BatchRecord } from '../domain/batch-record.js';
import { failureOfBatch } from '../domain/failures.js';
import { DESCRIPTIONS, failure, withoutStack } from './replies.js';

import { Batch, type CarriedBatch } from './batch.js';
import { showBatch } from './batch-details.js';
import { Members, type RunLimits } from './batch-members.js';
import { prepare } from './prepare-batch.js';

/** Of the same name as a restart's; `messages.ts` has one query of each name. */
const batchProgressQuery = defineQuery<BatchProgress>('progress');

/**
 * Carries out a batch, in as many runs as it takes, and answers its messages.
 *
 * @param args the input; in a later run the input without the job ids, and what the run before handed over
 */
export async function restartJobs(
  args: readonly unknown[],
  limits: RunLimits,
): Promise<BatchOutcome> {
  const carried = carriedIn(args);
  const batch = new Batch(carried?.startedAtMs ?? workflowInfo().startTime.getTime());
  setHandler(batchProgressQuery, () => batch.progress(), {
    description: DESCRIPTIONS.batchProgress,
  });
  if (carried === undefined) await begin(batch, args);
  else resume(batch, carried);

  const root = CancellationScope.current();
  const members = new Members(batch, carried?.started ?? {}, limits, root);
  // A cancellation is passed on to the restarts by hand, and the batch waits for their ends.
  const why = await CancellationScope.nonCancellable(() => members.run());
  if (why === 'run-is-long') return continueAsNew(args, members.carry());

  const outcome = batch.end();
  showBatch(batch);
  const { outcomes: _, ...counts } = outcome;
  log.info('The batch has ended', counts);
  if (members.isCanceled) throw withoutStack(new CancelledFailure('BatchCanceled'));
  const failed = failureOfBatch(outcome);
  if (failed !== undefined) throw failure(failed, outcome);
  return outcome;
}

async function begin(batch: Batch, args: readonly unknown[]): Promise<void> {
  try {
    await prepare(batch, args);
  } catch (error) {
    batch.record.skipRest();
    batch.end();
    showBatch(batch);
    if (!isCancellation(error)) throw error;
    throw withoutStack(new CancelledFailure('BatchCanceled'));
  }
}

function resume(batch: Batch, { plan, record }: CarriedBatch): void {
  batch.plan = plan;
  batch.name = plan.name;
  batch.record = BatchRecord.unpack(record);
}

/**
 * What the run before handed over. Only Temporal can say that there was one, so no caller can give this.
 * The next run of a cron schedule has a run before it too, but its arguments are the caller's. A batch
 * that goes on in a new run leaves the schedule.
 */
function carriedIn(args: readonly unknown[]): CarriedBatch | undefined {
  const { continuedFromExecutionRunId, cronSchedule = '' } = workflowInfo();
  if (continuedFromExecutionRunId === undefined || cronSchedule !== '') return undefined;
  return args[1] as CarriedBatch | undefined;
}

/** Starts the next run. The job ids are not handed over twice. */
function continueAsNew(args: readonly unknown[], carried: CarriedBatch): Promise<never> {
  const { jobIds: _, ...input } = args[0] as { jobIds?: unknown };
  const next = makeContinueAsNewFunc<(input: object, carried: CarriedBatch) => Promise<unknown>>();
  return next(input, carried);
}
