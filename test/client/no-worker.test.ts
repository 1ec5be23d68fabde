import {
  cancelRestart,
  NoWorkerError,
  openRestart,
  restartId,
  startRestart,
} from '../../src/client/index.js';
import { openStage, type Stage } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { seeKilledWorker } from './killed-worker.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const handleOf = (jobId: string) =>
  stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
const startOn = (taskQueue: string, jobId: string) =>
  stage.client.workflow.start('restartVisualizationJob', {
    workflowId: restartId(stage.projectId, jobId),
    taskQueue,
    args: [{ jobId }],
  });
const error = (act: Promise<unknown>) => act.catch((thrown: unknown) => thrown);

it.concurrent.each([
  ['startRestart', startRestart],
  ['openRestart', openRestart],
] as const)('%s starts nothing on a queue that nobody serves', async (_, start) => {
  const taskQueue = uniqueTaskQueue('nope');
  const thrown = await error(
    start(stage.client, { jobId: '1', projectId: stage.projectId }, { taskQueue }),
  );
  expect(thrown).toBeInstanceOf(NoWorkerError);
  expect(thrown).toMatchObject({ taskQueue, waits: false });
  const { message } = thrown as NoWorkerError;
  expect(message).toContain(`nobody listens on the task queue ${taskQueue}`);
  expect(message).toContain('Nothing was started');
  expect(message).toContain('modelarts-restarter worker');
  await expect(handleOf('1').describe()).rejects.toThrow();
});

it('waits for a worker that is just starting', async () => {
  const taskQueue = uniqueTaskQueue('soon');
  stage.simulator.addJob({ jobId: '2', status: 12 });
  const opening = error(
    openRestart(stage.client, { jobId: '2', projectId: stage.projectId }, { taskQueue }),
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await seeKilledWorker(stage.client, taskQueue);
  const describing = async () => (await handleOf('2').describe()).taskQueue;
  let queue: string | undefined;
  for (const until = Date.now() + 3_000; queue === undefined && Date.now() < until;) {
    queue = await describing().catch(() => undefined);
  }
  expect(queue).toBe(taskQueue);
  await handleOf('2').terminate();
  expect(await opening).toMatchObject({ joined: false });
});

it.concurrent(
  'says on which queue a restart under way waits, and how to be rid of it',
  async () => {
    const elsewhere = uniqueTaskQueue('elsewhere');
    const handle = await startOn(elsewhere, '3');
    for (const taskQueue of [stage.taskQueue, uniqueTaskQueue('nope')]) {
      const thrown = await error(
        startRestart(stage.client, { jobId: '3', projectId: stage.projectId }, { taskQueue }),
      );
      expect(thrown).toMatchObject({ name: 'NoWorkerError', taskQueue: elsewhere, waits: true });
      const { message } = thrown as NoWorkerError;
      expect(message).toContain(`nobody listens on the task queue ${elsewhere}`);
      expect(message).toContain(`${handle.workflowId} waits there`);
      expect(message).toContain('cancel 3 --terminate');
    }
    await handle.terminate();
  },
);

it.concurrent(
  'joins a restart under way on a queue that is served, from one that is not',
  async () => {
    stage.simulator.addJob({ jobId: '4', status: 12, timelines: { restart: [] } });
    const handle = await stage.start({ jobId: '4', settleTime: '10m' });
    const taskQueue = uniqueTaskQueue('nope');
    const input = { jobId: '4', projectId: stage.projectId };
    const started = await startRestart(stage.client, input, { taskQueue });
    expect(started).toMatchObject({ joined: true, workflowId: handle.workflowId });
    await handle.terminate();
  },
);

it.concurrent(
  'cancels a restart that no worker takes up, and says that nobody will hear of it',
  async () => {
    const elsewhere = uniqueTaskQueue('elsewhere');
    const handle = await startOn(elsewhere, '5');
    const key = { projectId: stage.projectId, jobId: '5' };
    expect(await cancelRestart(stage.client, key)).toEqual({
      workflowId: handle.workflowId,
      taskQueue: elsewhere,
      terminated: false,
      nobodyListens: `nobody listens on the task queue ${elsewhere}`,
    });
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(await cancelRestart(stage.client, key, { terminate: true })).toEqual({
      workflowId: handle.workflowId,
      taskQueue: elsewhere,
      terminated: true,
    });
    expect((await handle.describe()).status.name).toBe('TERMINATED');
    await expect(cancelRestart(stage.client, key, { terminate: true })).rejects.toThrow(
      'under way',
    );
  },
);

it.concurrent('says nothing of the kind where a worker hears of the cancellation', async () => {
  stage.simulator.addJob({ jobId: '6', status: 12, timelines: { restart: [] } });
  const { workflowId } = await stage.start({ jobId: '6', settleTime: '10m' });
  const key = { projectId: stage.projectId, jobId: '6' };
  expect(await cancelRestart(stage.client, key)).toEqual({
    workflowId,
    taskQueue: stage.taskQueue,
    terminated: false,
  });
});
