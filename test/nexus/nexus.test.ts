import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { StartNexusOperationOptions } from '@temporalio/workflow';
import { restartId } from '../../src/domain/ids.js';
import { endOf, progressWhen } from '../setup/stage.js';
import { openScene, quick, STARTING, told, type Scene } from './scene.js';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const job = (jobId: string, status = 12): void =>
  scene.simulator.addJob({ jobId, status, timelines: { restart: STARTING } });
const requests = (jobId: string): number =>
  scene.simulator.requests({ jobId, operation: 'restart' }).length;
const call = (input: unknown, type?: string): Promise<WorkflowHandle> =>
  scene.call(scene.nexus, input, type);
const callWith = (
  options: Partial<StartNexusOperationOptions>,
  input: unknown,
): Promise<WorkflowHandle> => scene.call({ ...scene.nexus, options }, input);

/** One caller whose restart is under way, and another that joined it. */
async function twoCallers(jobId: string) {
  job(jobId);
  const starter = await call(quick(jobId));
  await scene.following(starter);
  await progressWhen(scene.theRestart(jobId), ({ last }) => last?.code === 7);
  const joiner = await call(quick(jobId));
  await scene.following(joiner);
  return { starter, joiner };
}

describe('one caller', () => {
  it.concurrent('gets the outcome, from a workflow that is named after its request', async () => {
    job('901');
    const caller = await call(quick('901'));
    const wrapper = await scene.following(caller);
    expect(wrapper.workflowId).toMatch(/^nexus-restart:[0-9a-f-]{36}$/);
    await progressWhen(scene.theRestart('901'), ({ last }) => last?.code === 7);
    scene.simulator.setStatus('901', 8);
    const { outcome } = await told(caller);
    expect(outcome).toMatchObject({ outcome: 'running', jobId: '901', attached: false });
    expect(await endOf(wrapper)).toEqual({ status: 'completed', outcome });
    expect(await endOf(scene.theRestart('901'))).toEqual({ status: 'completed', outcome });
  });

  it.concurrent('may give a bare job id', async () => {
    scene.simulator.addJob({
      jobId: '902',
      status: 12,
      timelines: { restart: [{ afterMs: 0, status: 8 }] },
    });
    expect(await told(await call(902))).toMatchObject({ outcome: { jobId: '902' } });
  });

  it.concurrent('sees a refusal as ModelArts’ code, with the outcome as detail', async () => {
    job('903', 8);
    expect(await told(await call(quick('903')))).toEqual({
      error: 'NexusOperationFailure',
      endpoint: scene.nexus.endpoint,
      service: 'modelarts-restarts',
      operation: 'restartVisualizationJob',
      cause: {
        error: 'ApplicationFailure',
        type: 'ModelArts.0105',
        message: expect.stringMatching(/^ModelArts\.0105: /),
        nonRetryable: true,
        details: [expect.objectContaining({ outcome: 'refused', jobId: '903', attached: false })],
      },
    });
  });

  it.concurrent('sees bad input as InvalidInput, and no request is sent', async () => {
    job('904');
    const { cause } = await told(await call({ ...quick('904'), timout: '1m' }));
    expect(cause).toMatchObject({ error: 'ApplicationFailure', type: 'InvalidInput', details: [] });
    expect(cause?.message).toContain('did you mean "timeout"?');
    expect((await told(await call('ten'))).cause?.type).toBe('InvalidInput');
    expect((await told(await call(undefined))).cause?.type).toBe('InvalidInput');
    expect(requests('904')).toBe(0);
  });

  it.concurrent('fails with the operation’s failure where it catches nothing', async () => {
    job('905', 8);
    const caller = await call(quick('905'), 'plainCaller');
    const failure: unknown = await caller.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect((failure as WorkflowFailedError).cause).toMatchObject({
      name: 'NexusOperationFailure',
      cause: { name: 'ApplicationFailure', type: 'ModelArts.0105' },
    });
  });
});

describe('two callers for one job', () => {
  it.concurrent('share one restart, and the second says that it joined', async () => {
    const { starter, joiner } = await twoCallers('911');
    scene.simulator.setStatus('911', 8);
    const [first, second] = await Promise.all([told(starter), told(joiner)]);
    expect(first.outcome).toMatchObject({ outcome: 'running', attached: false });
    expect(second.outcome).toEqual({ ...first.outcome, attached: true });
    expect(requests('911')).toBe(1);
  });

  it.concurrent('the one that joined is cancelled: it takes nothing from the other', async () => {
    const { starter, joiner } = await twoCallers('912');
    await joiner.cancel();
    expect(await told(joiner)).toMatchObject({
      error: 'NexusOperationFailure',
      cause: { error: 'CancelledFailure' },
    });
    expect((await scene.theRestart('912').describe()).status.name).toBe('RUNNING');
    scene.simulator.setStatus('912', 8);
    expect((await told(starter)).outcome).toMatchObject({ outcome: 'running' });
  });

  it.concurrent(
    'the one that started it is cancelled: it leaves the restart to the other',
    async () => {
      const { starter, joiner } = await twoCallers('913');
      await starter.cancel();
      expect(await told(starter)).toMatchObject({ cause: { error: 'CancelledFailure' } });
      expect((await scene.theRestart('913').describe()).status.name).toBe('RUNNING');
      scene.simulator.setStatus('913', 8);
      const { outcome } = await told(joiner);
      expect(outcome).toMatchObject({ outcome: 'running', attached: true });
      expect(await endOf(scene.theRestart('913'))).toMatchObject({ status: 'completed' });
      expect(requests('913')).toBe(1);
    },
  );

  it.concurrent('the only caller is cancelled: so is the restart that it started', async () => {
    job('917');
    const caller = await call({ ...quick('917'), onCancel: 'stop' });
    await scene.following(caller);
    await progressWhen(scene.theRestart('917'), ({ last }) => last?.code === 7);
    await caller.cancel();
    expect(await told(caller)).toMatchObject({ cause: { error: 'CancelledFailure' } });
    expect(await endOf(scene.theRestart('917'))).toEqual({ status: 'canceled' });
    expect(scene.simulator.job('917').status).toBe(12);
  });

  it.concurrent('the restart is cancelled by somebody else: both are told so', async () => {
    const { starter, joiner } = await twoCallers('918');
    await scene.theRestart('918').cancel();
    for (const [caller, attached] of [
      [starter, false],
      [joiner, true],
    ] as const) {
      expect((await told(caller)).cause).toMatchObject({
        type: 'RestartCanceled',
        details: [{ outcome: 'canceled', attached, last: { name: 'WAITING' } }],
      });
    }
  });

  it.concurrent('a restart that somebody else started is cancelled by none of them', async () => {
    job('914');
    const other = await scene.client.workflow.start('restartVisualizationJob', {
      taskQueue: scene.child.taskQueue,
      workflowId: restartId(scene.simulator.projectId, '914'),
      args: [quick('914')],
    });
    await progressWhen(other, ({ last }) => last?.code === 7);
    const both = await Promise.all([call(quick('914')), call(quick('914'))]);
    for (const caller of both) await scene.following(caller);
    for (const caller of both) await caller.cancel();
    for (const caller of both) expect((await told(caller)).cause?.error).toBe('CancelledFailure');
    scene.simulator.setStatus('914', 8);
    expect(await endOf(other)).toMatchObject({ status: 'completed', outcome: { attached: false } });
  });

  it.concurrent('a caller may keep its cancellation from the restart that it started', async () => {
    job('915');
    const caller = await callWith({ cancellationType: 'ABANDON' }, quick('915'));
    await scene.following(caller);
    await caller.cancel();
    expect((await told(caller)).cause?.error).toBe('CancelledFailure');
    await progressWhen(scene.theRestart('915'), ({ last }) => last?.code === 7);
    scene.simulator.setStatus('915', 8);
    expect(await endOf(scene.theRestart('915'))).toMatchObject({ status: 'completed' });
  });

  it('a caller whose own timeout is up takes nothing from the restart', async () => {
    job('916');
    const caller = await callWith({ scheduleToCloseTimeout: '2s' }, quick('916'));
    expect((await told(caller)).cause?.error).toBe('TimeoutFailure');
    expect((await scene.theRestart('916').describe()).status.name).toBe('RUNNING');
    scene.simulator.setStatus('916', 8);
    expect(await endOf(scene.theRestart('916'))).toMatchObject({ status: 'completed' });
  });
});
