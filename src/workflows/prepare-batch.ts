import { ActivityFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { WorkerFacts } from '../activities/activities.js';
import { MOST_JOBS, type ReadSelection } from '../domain/batch-options.js';
import { BatchRecord } from '../domain/batch-record.js';
import { defined } from '../domain/defined.js';
import { refusalOf } from '../domain/failures.js';
import { jobInId } from '../domain/ids.js';
import { parseBatchArguments } from '../domain/parse-batch.js';
import { failure, inputFailure } from './replies.js';
import { facts, FACTS_WITHIN_MS, lists } from './activity-hands.js';
import { announceBatch } from './temporal-ui.js';
import type { Batch } from './batch.js';
import { showBatch } from './batch-details.js';

/** Reads the input, asks the worker for what the input leaves open, and finds the jobs. */
export async function prepare(batch: Batch, args: readonly unknown[]): Promise<void> {
  const parsed = parseBatchArguments(args);
  if (!parsed.ok) throw inputFailure(parsed.problems);
  const { workflowId } = workflowInfo();
  if (jobInId(workflowId) !== undefined) {
    // It would keep that job from being restarted, and wait for itself.
    throw inputFailure([
      `the workflow id ${workflowId} is that of a job's own restart: start the batch under another id`,
    ]);
  }
  const { each, maxConcurrent, stopAfterFailures, name, projectId, jobIds, select } = parsed.value;
  batch.name = name;
  // Given jobs are counted from the start, also if the batch is cancelled before it knows its project.
  if (jobIds !== undefined) batch.record = new BatchRecord(jobIds);
  showBatch(batch);
  const worker = await askWorker(projectId);
  if (worker.projectId === undefined) {
    throw inputFailure([
      'projectId is missing, and the worker has no HW_PROJECT_ID: give one of them',
    ]);
  }
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
): Promise<Pick<WorkerFacts, 'projectId' | 'searchAttributes'>> {
  // If the project is known, only the search attributes are missing. A batch works without them.
  const patience = given === undefined ? {} : { scheduleToCloseTimeout: FACTS_WITHIN_MS };
  try {
    const worker = await facts.describeWorker.executeWithOptions(
      { summary: 'ask for defaults', ...patience },
      [],
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
      throw inputFailure([
        `select matches more than ${MOST_JOBS} jobs, the most that a batch takes: narrow it by status, search or workspaceId, or give the jobs to several batches by jobIds`,
      ]);
  }
}
