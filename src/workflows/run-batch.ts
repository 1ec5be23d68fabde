import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  defineQuery,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { WorkerFacts } from '../activities/activities.js';
import {
  type BatchOptions,
  type ReadSelection,
  TOO_MANY_SELECTED,
} from '../domain/batch-options.js';
import type { BatchOutcome, BatchProgress } from '../domain/batch-outcome.js';
import { BatchRecord } from '../domain/batch-record.js';
import { defined } from '../domain/defined.js';
import { failureOfBatch, refusalOf } from '../domain/failures.js';
import { jobInId } from '../domain/ids.js';
import { parseBatchArguments } from '../domain/parse-batch.js';
import { forbiddenBy, noProject } from '../domain/worker-limits.js';
import { facts, FACTS_WITHIN_MS, lists } from './activity-hands.js';
import { DESCRIPTIONS, failure, inputFailure, withoutStack } from './replies.js';
import { announceBatch } from './temporal-ui.js';
import { Batch, type BatchLabels, type CarriedBatch } from './batch.js';
import { showBatch } from './batch-details.js';
import { Members, type RunLimits } from './batch-members.js';

/** Has the same name as a restart's query. So it is not in `messages.ts`, where each name occurs once. */
const batchProgressQuery = defineQuery<BatchProgress>('progress');

/**
 * Carries out a batch, in as many runs as it takes, and answers its messages.
 *
 * @param args the input; in a later run the input without its job ids, and what the previous run handed over
 */
export async function runBatch(args: readonly unknown[], limits: RunLimits): Promise<BatchOutcome> {
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

/** Reads the input, asks the worker for what the input leaves open, and finds the jobs. */
async function prepare(batch: Batch, args: readonly unknown[]): Promise<void> {
  const parsed = parseBatchArguments(args);
  if (!parsed.ok) throw inputFailure(parsed.problems);
  const { workflowId } = workflowInfo();
  if (jobInId(workflowId) !== undefined) {
    // Under this id the batch would block that job's restart, and wait for itself.
    throw inputFailure([
      `the workflow id ${workflowId} is that of a job's own restart: start the batch under another id`,
    ]);
  }
  const { each, maxConcurrent, stopAfterFailures, name, projectId, jobIds, select } = parsed.value;
  batch.labels = labelsOf(name, each);
  // Given jobs are known from the start. So they count even if the batch is cancelled before it has a project.
  if (jobIds !== undefined) batch.record = new BatchRecord(jobIds);
  showBatch(batch);
  const worker = await askWorker(projectId);
  if (worker.projectId === undefined) {
    throw inputFailure([noProject(worker.whyNoProject)]);
  }
  const problems = forbiddenBy(worker, { ...each, projectId: worker.projectId });
  if (problems.length > 0) throw inputFailure(problems);
  const { searchAttributes } = worker;
  batch.plan = {
    projectId: worker.projectId,
    each,
    maxConcurrent,
    searchAttributes,
    ...defined({ stopAfterFailures, name }),
  };
  announceBatch(searchAttributes, name ?? workflowId);
  if (jobIds === undefined) batch.record = new BatchRecord(await find(worker.projectId, select));
}

/** The worker's facts, with the given project if there is one. */
async function askWorker(
  given: string | undefined,
): Promise<Omit<WorkerFacts, 'requestTimeoutMs'>> {
  // If the project is known, only the search attributes are missing. A batch works without them.
  const patience = given === undefined ? {} : { scheduleToCloseTimeout: FACTS_WITHIN_MS };
  try {
    const worker = await facts.describeWorker.executeWithOptions(
      { summary: 'ask for defaults', ...patience },
      [{ isProjectKnown: given !== undefined }],
    );
    return { ...worker, ...defined({ projectId: given ?? worker.projectId }) };
  } catch (error) {
    const isLate = error instanceof ActivityFailure && !isCancellation(error);
    if (given === undefined || !isLate) throw error;
    return { projectId: given, searchAttributes: [] };
  }
}

async function find(projectId: string, select: ReadSelection): Promise<string[]> {
  const found = await lists.selectJobs.executeWithOptions({ summary: 'find the jobs' }, [
    { projectId, select },
  ]);
  switch (found.kind) {
    case 'selected':
      return found.jobIds;
    case 'refused':
      throw failure(refusalOf(found.error));
    case 'too-many':
      throw inputFailure([TOO_MANY_SELECTED]);
  }
}

function resume(batch: Batch, { plan, record }: CarriedBatch): void {
  batch.plan = plan;
  batch.labels = labelsOf(plan.name, plan.each);
  batch.record = BatchRecord.unpack(record);
}

function labelsOf(name: string | undefined, each: BatchOptions['each']): BatchLabels {
  const { reason, requestedBy } = each;
  return defined({ name, reason, requestedBy });
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
