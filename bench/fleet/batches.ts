import { addJobs } from '../restarts.js';
import { startWorker, type Stage } from '../stage.js';
import type { Found } from './figure.js';
import { KILLED, RUNNING, upAfter } from './restarts.js';
import type { Scene } from './scene.js';

const BATCH_AT_ONCE = 1_000;

/** How long a job of the batch in rounds takes to come up. */
const ROUND_MS = 10_000;
const JOBS_PER_ROUND = 200;

interface Batch {
  seconds: number;
  calls: number;
}

/** Runs one batch, and fails unless all its jobs are up. */
async function run(stage: Stage, ids: readonly string[], options: object): Promise<Batch> {
  const { client, simulator, taskQueue } = stage;
  const from = Date.now();
  const result = (await client.workflow.execute('restartVisualizationJobs', {
    workflowId: `bench:${simulator.projectId}`,
    taskQueue,
    args: [{ jobIds: ids, timeout: '1d', ...options }],
  })) as { total: number; running: number };
  const seconds = (Date.now() - from) / 1_000;
  if (result.running !== ids.length) {
    throw new Error(`${result.running} of ${result.total} are up, not ${ids.length}`);
  }
  return { seconds, calls: (await simulator.requests(from)).length };
}

/** Measures a batch of jobs that are up, so that nothing has to be done. */
export async function batchOfJobsThatAreUp({ kit, stage, ids }: Scene): Promise<Found> {
  await startWorker(kit, stage);
  await addJobs(stage, ids, { status: RUNNING });
  const { seconds, calls } = await run(stage, ids, {
    ifRunning: 'attach',
    maxConcurrent: BATCH_AT_ONCE,
  });
  const what = `batch of ${ids.length} that are up`;
  return {
    figures: [
      { what: `${what}: time`, value: seconds / 60, unit: 'min', digits: 1, limit: { atMost: 6 } },
      { what: `${what}: calls`, value: calls, unit: '', limit: { atMost: 60 } },
    ],
  };
}

/** Measures a batch whose window is smaller than the batch, so that jobs take turns. */
export async function batchInRounds({ kit, stage, ids }: Scene): Promise<Found> {
  await startWorker(kit, stage);
  await addJobs(stage, ids, { status: KILLED, timelines: { restart: upAfter(ROUND_MS) } });
  const maxConcurrent = Math.min(JOBS_PER_ROUND, Math.ceil(ids.length / 5));
  const { seconds, calls } = await run(stage, ids, { maxConcurrent, pollInterval: '1s' });
  const idealSeconds = (Math.ceil(ids.length / maxConcurrent) * ROUND_MS) / 1_000;
  const what = `batch of ${ids.length}, ${maxConcurrent} at a time, ${ROUND_MS / 1_000} s each`;
  return {
    figures: [
      {
        what: `${what}: time / ideal`,
        value: seconds / idealSeconds,
        unit: '×',
        digits: 2,
        limit: { atMost: 1.3 },
      },
      { what: '  time', value: seconds, unit: 's', digits: 1 },
      { what: '  calls', value: calls, unit: '' },
    ],
  };
}
