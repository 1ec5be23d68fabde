import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { nexusRestartId, restartId } from '../../src/domain/ids.js';
import type { RestartInput } from '../../src/domain/options.js';
import { endOf, eventually, openStage, progressWhen, type Stage } from '../setup/stage.js';
import {
  batchWhen,
  endOfBatch,
  shortRunsBundle,
  startBatch,
  untilWaiting,
} from '../workflows/batches.js';

/** Plays a scene on the stage to its end, and answers with the workflow whose history is kept. */
type Scenario = (stage: Stage) => Promise<WorkflowHandle>;

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 1_200, status: 8 },
];
const STARTING = [{ afterMs: 0, status: 7 }];

let lastJobId = 900;

/** Restarts a new job, KILLED unless told otherwise. */
async function play(
  stage: Stage,
  steps: { afterMs: number; status: number }[],
  input: Partial<Omit<RestartInput, 'jobId'>> = {},
  status = 12,
): Promise<WorkflowHandle> {
  return stage.start({ jobId: newJob(stage, steps, status), ...input });
}

function newJob(
  stage: Stage,
  steps: { afterMs: number; status: number }[],
  status = 12,
  name = 'job',
): string {
  const jobId = String((lastJobId += 1));
  stage.simulator.addJob({ jobId, status, name, timelines: { restart: steps } });
  return jobId;
}

async function loseNext(stage: Stage, kind: 'request-lost' | 'answer-lost'): Promise<void> {
  stage.simulator.fault({ jobId: String(lastJobId + 1), operation: 'restart', kind });
}

const waiting = (handle: WorkflowHandle) => progressWhen(handle, ({ last }) => last?.code === 7);

/** Every outcome, and every path of the protocol that issues commands of its own. */
export const SCENARIOS = {
  running: (stage) => play(stage, UP),
  finished: (stage) => play(stage, [...UP, { afterMs: 2_500, status: 10 }], { until: 'finished' }),
  refused: (stage) => play(stage, UP, {}, 8),
  failed: (stage) => play(stage, [...STARTING, { afterMs: 1_200, status: 11 }]),
  stopped: (stage) => play(stage, [...STARTING, { afterMs: 2_500, status: 13 }]),
  'no-effect': (stage) => play(stage, [], { settleTime: '1s' }),
  'timed-out': (stage) => play(stage, STARTING, { timeout: '2s' }),
  unknown: async (stage) => {
    await loseNext(stage, 'request-lost');
    return play(stage, UP, { settleTime: '1s' });
  },
  'canceled-leave': async (stage) => {
    const handle = await play(stage, STARTING);
    await waiting(handle);
    await handle.cancel();
    return handle;
  },
  'canceled-stop': async (stage) => {
    const handle = await play(stage, STARTING, { onCancel: 'stop' });
    await waiting(handle);
    await handle.cancel();
    return handle;
  },
  'invalid-input': (stage) => stage.startWith([{ jobID: 1 }]),
  'unknown-workflow-type': (stage) => stage.startWith([], undefined, 'restartJob'),
  'answer-lost': async (stage) => {
    await loseNext(stage, 'answer-lost');
    return play(stage, UP);
  },
  repeated: async (stage) => {
    await loseNext(stage, 'request-lost');
    return play(stage, UP, { settleTime: '1s', ifUnknown: 'repeat' });
  },
  throttled: async (stage) => {
    const jobId = String(lastJobId + 1);
    stage.simulator.fault({ jobId, operation: 'restart', kind: 'throttle' });
    return play(stage, UP);
  },
  attached: async (stage) => {
    const handle = await play(stage, UP, { ifRunning: 'attach' }, 7);
    await waiting(handle);
    stage.simulator.setStatus(String(lastJobId), 8);
    return handle;
  },
  'stopped-first': (stage) => play(stage, UP, { ifRunning: 'stop' }, 8),
  'asked-by-messages': async (stage) => {
    const handle = await play(stage, STARTING, { pollInterval: '10m' });
    await waiting(handle);
    await handle.executeUpdate('accepted');
    await handle.executeUpdate('extendDeadline', { args: [{ timeout: '1h' }] });
    stage.simulator.setStatus(String(lastJobId), 8);
    await handle.signal('checkNow');
    return handle;
  },
  'ran-as-child': async (stage) => {
    const jobId = String((lastJobId += 1));
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: UP } });
    return stage.startWith([{ jobId, pollInterval: '1s' }]);
  },
  'started-by-another': async (stage) => {
    const jobId = String((lastJobId += 1));
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: UP } });
    const starter = await stage.startWith([{ jobId, pollInterval: '1s' }]);
    await progressWhen(starter, ({ restart }) => restart !== undefined);
    return stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
  },
  joined: async (stage) => {
    const first = await play(stage, STARTING);
    await waiting(first);
    const joiner = await stage.startWith([{ jobId: String(lastJobId) }]);
    await progressWhen(joiner, ({ restart }) => restart !== undefined);
    await joiner.executeUpdate('accepted');
    stage.simulator.setStatus(String(lastJobId), 8);
    await endOf(first);
    return joiner;
  },
  'left-to-others': async (stage) => {
    const jobId = String((lastJobId += 1));
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: STARTING } });
    const starter = await stage.startWith([{ jobId }], nexusRestartId(randomUUID()));
    await progressWhen(starter, ({ restart }) => restart !== undefined);
    await stage.startWith([{ jobId }]);
    await eventually(async () => {
      const { events } = await starter.fetchHistory();
      return events?.find((event) => event.workflowExecutionSignaledEventAttributes);
    });
    await starter.cancel();
    return starter;
  },
  batch: async (stage) => {
    const up = newJob(stage, UP, 12, 'replayed');
    const [, joined] = [newJob(stage, UP, 8, 'replayed'), newJob(stage, STARTING, 12, 'replayed')];
    await waiting(await stage.start({ jobId: joined }));
    const input = { select: { search: 'replayed' }, name: 'replayed', pollInterval: '1s' };
    const batch = await startBatch(stage, input);
    await batchWhen(batch, ({ jobs, refused }) => jobs.includes(joined) && refused === 1);
    stage.simulator.setStatus(joined, 8);
    await batchWhen(batch, ({ jobs }) => !jobs.includes(up));
    return batch;
  },
  'batch-canceled': async (stage) => {
    const jobIds = [1, 2].map(() => newJob(stage, STARTING));
    const batch = await startBatch(stage, { jobIds, maxConcurrent: 1 });
    await untilWaiting(stage, jobIds[0]!);
    await batch.cancel();
    return batch;
  },
  'batch-continued': async ({ client }) => {
    // On a stage of its own, where a run is long after a few jobs. The last run is kept.
    const stage = await openStage({ workflowBundle: await shortRunsBundle() });
    const jobIds = [STARTING, STARTING, UP, UP, UP, UP, UP, UP].map((steps) => newJob(stage, steps));
    const [own, joined] = jobIds as [string, string];
    await waiting(await stage.start({ jobId: joined }));
    const { workflowId } = await startBatch(stage, { jobIds, maxConcurrent: 3 });
    const batch = client.workflow.getHandle(workflowId);
    await batchWhen(batch, ({ running }) => running === 6, 60_000);
    await untilWaiting(stage, own);
    await batch.cancel();
    await endOfBatch(batch);
    const { runId } = await batch.describe();
    await stage.close();
    return client.workflow.getHandle(workflowId, runId);
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
