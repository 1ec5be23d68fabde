import {
  InvalidInputError,
  NotAcceptedYetError,
  NoWorkerError,
  restartId,
  RestartError,
  startRestart,
  type RestartInput,
  type RestartProgress,
} from '../../src/client/index.js';
import { eventually, openStage, type Stage } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const QUICK = { pollInterval: '1s', settleTime: '2s', timeout: '60s' } as const;
const start = (input: Partial<RestartInput> & { jobId: string | number }) =>
  startRestart(
    stage.client,
    { ...QUICK, ...input },
    { projectId: stage.projectId, taskQueue: stage.taskQueue },
  );

it.concurrent('answers once ModelArts took the restart, with the status before', async () => {
  stage.simulator.addJob({ jobId: '1', status: 12 });
  const started = await start({ jobId: '1' });
  expect(started).toMatchObject({
    workflowId: restartId(stage.projectId, '1'),
    joined: false,
    attached: false,
    before: { code: 12, name: 'KILLED' },
  });
  expect(Date.parse(started.acceptedAt!)).toBeGreaterThan(Date.now() - 10_000);
  expect(stage.simulator.acceptedRestarts('1')).toBe(1);
  const handle = stage.client.workflow.getHandle(started.workflowId, started.runId);
  expect(await handle.result()).toMatchObject({ outcome: 'running', attached: false });
});

it.concurrent('records the client’s identity, unless the input says who asks', async () => {
  for (const jobId of ['18', '19']) stage.simulator.addJob({ jobId, status: 12 });
  const own = await start({ jobId: '18' });
  const { identity } = stage.client.options;
  const given = await start({ jobId: '19', requestedBy: 'ada' });
  const requestedBy = async ({ workflowId }: { workflowId: string }) =>
    ((await stage.client.workflow.getHandle(workflowId).result()) as RestartProgress).requestedBy;
  expect(await requestedBy(own)).toBe(identity);
  expect(await requestedBy(given)).toBe('ada');
});

it.concurrent('reads a job id that is a number like one that is a text', async () => {
  stage.simulator.addJob({ jobId: '2', status: 12 });
  expect((await start({ jobId: 2 })).workflowId).toBe(restartId(stage.projectId, '2'));
});

it.concurrent('joins the restart under way, and says so', async () => {
  const restart = [{ afterMs: 0, status: 7 }];
  stage.simulator.addJob({ jobId: '3', status: 12, timelines: { restart } });
  const [one, two] = await Promise.all([start({ jobId: '3' }), start({ jobId: '3' })]);
  const third = await start({ jobId: '3' });
  expect([one, two].filter(({ joined }) => joined)).toHaveLength(1);
  expect(third).toMatchObject({ joined: true, attached: true, acceptedAt: one.acceptedAt });
  expect(new Set([one.runId, two.runId, third.runId]).size).toBe(1);
  expect(stage.simulator.acceptedRestarts('3')).toBe(1);
  await stage.client.workflow.getHandle(one.workflowId).terminate();
});

it.concurrent('starts a new one where the last one has ended', async () => {
  stage.simulator.addJob({ jobId: '4', status: 12 });
  const first = await start({ jobId: '4' });
  await stage.client.workflow.getHandle(first.workflowId, first.runId).result();
  stage.simulator.setStatus('4', 11);
  const second = await start({ jobId: '4' });
  expect(second).toMatchObject({ joined: false, before: { name: 'FAILED' } });
  expect(second.runId).not.toBe(first.runId);
});

it.concurrent(
  'throws the restart’s own failure, with its outcome, where ModelArts refuses',
  async () => {
    stage.simulator.addJob({ jobId: '5', status: 8 });
    const error = await start({ jobId: '5', reason: 'why not' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RestartError);
    expect(error).toMatchObject({
      type: 'ModelArts.0105',
      message: expect.stringContaining('ModelArts.0105: ') as string,
      outcome: { outcome: 'refused', reason: 'why not', before: { name: 'RUNNING' } },
    });
  },
);

it.concurrent(
  'refuses a bad input before anything is sent, every problem in one error',
  async () => {
    const input = { jobId: '007', pol_interval: '5s', timeout: '1y' } as unknown as RestartInput;
    const error = await start(input as { jobId: string }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInputError);
    const text = (error as InvalidInputError).problems.join('\n');
    for (const part of ['jobId must be', 'did you mean "pollInterval"', 'timeout must be']) {
      expect(text).toContain(part);
    }
  },
);

it.concurrent('needs a project, in the input or beside it; that of the input counts', async () => {
  const bare = startRestart(stage.client, { jobId: '6' }, { taskQueue: stage.taskQueue });
  await expect(bare).rejects.toThrow('projectId is missing');
  stage.simulator.addJob({ jobId: '6', status: 12 });
  const started = await startRestart(
    stage.client,
    { ...QUICK, jobId: '6', projectId: stage.projectId },
    { taskQueue: stage.taskQueue, projectId: 'x'.repeat(32) },
  );
  expect(started.workflowId).toBe(restartId(stage.projectId, '6'));
});

it('says within seconds that no worker listens, where none does, and how to start one', async () => {
  const taskQueue = uniqueTaskQueue('nobody');
  const startedAt = Date.now();
  const error = await startRestart(
    stage.client,
    { jobId: '7', projectId: stage.projectId },
    { taskQueue },
  ).catch((thrown: unknown) => thrown);
  expect(Date.now() - startedAt).toBeLessThan(15_000);
  expect(error).toBeInstanceOf(NoWorkerError);
  const { message, workflowId } = error as NoWorkerError;
  expect(message).toContain(`nobody listens on the task queue ${taskQueue}`);
  expect(message).toContain('modelarts-restarter worker');
  // Nothing waits there, where it would keep others from restarting the job.
  await expect(stage.client.workflow.getHandle(workflowId).describe()).rejects.toThrow();
});

it.concurrent(
  'a restart that waits for a worker is joined, and reported on, by the queue that it is on',
  async () => {
    const elsewhere = uniqueTaskQueue('elsewhere');
    const handle = await stage.client.workflow.start('restartVisualizationJob', {
      workflowId: restartId(stage.projectId, '8'),
      taskQueue: elsewhere,
      args: [{ jobId: '8' }],
    });
    await expect(start({ jobId: '8' })).rejects.toMatchObject({ taskQueue: elsewhere });
    await handle.terminate();
  },
);

it.concurrent('does not take a slow ModelArts for a missing worker', async () => {
  stage.simulator.addJob({ jobId: '9', status: 9 });
  const options = { taskQueue: stage.taskQueue, projectId: stage.projectId };
  const error = await startRestart(
    stage.client,
    { ...QUICK, jobId: '9' },
    { ...options, acceptedWithinMs: 3_000 },
  ).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NotAcceptedYetError);
  expect((error as Error).message).toContain('within 3s');
  // It goes on: the job is down now, and is asked for.
  stage.simulator.setStatus('9', 12);
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '9'));
  expect(await handle.result()).toMatchObject({ outcome: 'running' });
});

it.concurrent.each(['cancel', 'terminate'] as const)(
  'rejects with the restart’s own end where somebody ends it first (%s)',
  async (how) => {
    const jobId = how === 'cancel' ? '31' : '32';
    stage.simulator.addJob({ jobId, status: 9 });
    const started = start({ jobId }).catch((error: unknown) => error);
    const handle = stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
    await eventually(async () => {
      const { last } = await handle
        .query<RestartProgress>('progress')
        .catch(() => ({ last: undefined }));
      return last;
    });
    await handle[how]();
    const error = await started;
    expect(error).toBeInstanceOf(RestartError);
    expect(error).toMatchObject({ type: how === 'cancel' ? 'RestartCanceled' : 'RestartUnknown' });
  },
);
