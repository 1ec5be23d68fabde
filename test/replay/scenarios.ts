import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { nexusRestartId, restartId } from '../../src/domain/ids.js';
import type { RestartInput } from '../../src/domain/options.js';
import {
  endOf,
  eventually,
  openStage,
  progressWhen,
  type Stage,
  type StageOptions,
} from '../setup/stage.js';
import {
  batchWhen,
  newest,
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

/** What becomes of the request for the next job. Scenes run side by side, so that job must be made at once. */
function failNext(stage: Stage, kind: 'request-lost' | 'answer-lost' | 'throttle'): void {
  stage.simulator.fault({ jobId: String(lastJobId + 1), operation: 'restart', kind });
}

const waiting = (handle: WorkflowHandle) => progressWhen(handle, ({ last }) => last?.code === 7);

/** Plays a scene on a stage of its own, which is closed at its end. */
function onItsOwn(scene: Scenario, options?: () => Promise<StageOptions>): Scenario {
  return async ({ client }) => {
    const stage = await openStage(await options?.());
    try {
      const { workflowId } = await scene(stage);
      const handle = client.workflow.getHandle(workflowId);
      await endOf(handle);
      return handle;
    } finally {
      await stage.close();
    }
  };
}

/** Every outcome, and every path of the protocol that issues commands of its own. */
export const SCENARIOS = {
  running: (stage) => play(stage, UP),
  finished: (stage) => play(stage, [...UP, { afterMs: 2_500, status: 10 }], { until: 'finished' }),
  refused: (stage) => play(stage, UP, {}, 8),
  failed: (stage) => play(stage, [...STARTING, { afterMs: 1_200, status: 11 }]),
  stopped: (stage) => play(stage, [...STARTING, { afterMs: 2_500, status: 13 }]),
  'no-effect': (stage) => play(stage, [], { settleTime: '1s' }),
  'timed-out': (stage) => play(stage, STARTING, { timeout: '2s' }),
  unknown: (stage) => {
    failNext(stage, 'request-lost');
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
  'answer-lost': (stage) => {
    failNext(stage, 'answer-lost');
    return play(stage, UP);
  },
  repeated: (stage) => {
    failNext(stage, 'request-lost');
    return play(stage, UP, { settleTime: '1s', ifUnknown: 'repeat' });
  },
  // Its worker learns a limit, and keeps to it.
  throttled: onItsOwn((stage) => {
    failNext(stage, 'throttle');
    return play(stage, UP);
  }),
  attached: async (stage) => {
    const jobId = newJob(stage, UP, 7);
    const handle = await stage.start({ jobId, ifRunning: 'attach' });
    await waiting(handle);
    stage.simulator.setStatus(jobId, 8);
    return handle;
  },
  'stopped-first': (stage) => play(stage, UP, { ifRunning: 'stop' }, 8),
  'asked-by-messages': async (stage) => {
    const jobId = newJob(stage, STARTING);
    const handle = await stage.start({ jobId, pollInterval: '10m' });
    await waiting(handle);
    await handle.executeUpdate('accepted');
    await handle.executeUpdate('extendDeadline', { args: [{ timeout: '1h' }] });
    stage.simulator.setStatus(jobId, 8);
    await handle.signal('checkNow');
    return handle;
  },
  'ran-as-child': async (stage) => {
    const jobId = newJob(stage, UP);
    return stage.startWith([{ jobId, pollInterval: '1s' }]);
  },
  'started-by-another': async (stage) => {
    const jobId = newJob(stage, UP);
    const starter = await stage.startWith([{ jobId, pollInterval: '1s' }]);
    await progressWhen(starter, ({ restart }) => restart !== undefined);
    return stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
  },
  joined: async (stage) => {
    const jobId = newJob(stage, STARTING);
    const first = await stage.start({ jobId });
    await waiting(first);
    const joiner = await stage.startWith([{ jobId }]);
    await progressWhen(joiner, ({ restart }) => restart !== undefined);
    await joiner.executeUpdate('accepted');
    stage.simulator.setStatus(jobId, 8);
    await endOf(first);
    return joiner;
  },
  'left-to-others': async (stage) => {
    const jobId = newJob(stage, STARTING);
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
  // A run is long after a few jobs. The last run is kept.
  'batch-continued': onItsOwn(
    async (stage) => {
      const jobIds = [STARTING, STARTING, UP, UP, UP, UP, UP, UP].map((steps) =>
        newJob(stage, steps),
      );
      const [own, joined] = jobIds as [string, string];
      await waiting(await stage.start({ jobId: joined }));
      const batch = newest(stage, await startBatch(stage, { jobIds, maxConcurrent: 3 }));
      await batchWhen(batch, ({ running }) => running === 6, 60_000);
      await untilWaiting(stage, own);
      await batch.cancel();
      return batch;
    },
    async () => ({ workflowBundle: await shortRunsBundle() }),
  ),
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
