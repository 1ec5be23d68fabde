import { WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import type { ExtendedDeadline, RestartAccepted } from '../../src/domain/outcome.js';
import type { RestartInput } from '../../src/domain/options.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf, eventually, openStage, progressWhen, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const STARTING = [{ afterMs: 0, status: 7 }];

/** Starts the restart and waits for its `accepted`, as the client and the command line do. */
async function startAndAccept(
  input: Partial<RestartInput> & { jobId: string },
): Promise<RestartAccepted> {
  const startWorkflowOperation = new WithStartWorkflowOperation('restartVisualizationJob', {
    workflowId: restartId(stage.projectId, input.jobId),
    taskQueue: stage.taskQueue,
    args: [{ pollInterval: '1s', settleTime: '2s', timeout: '30s', ...input }],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  return stage.client.workflow.executeUpdateWithStart('accepted', {
    startWorkflowOperation,
  });
}

const failureOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return (error as WorkflowUpdateFailedError).cause;
};

describe('update accepted', () => {
  it.concurrent('answers within the exchange, long before the job is up', async () => {
    stage.simulator.addJob({ jobId: '501', status: 12, timelines: { restart: STARTING } });
    const accepted = await startAndAccept({ jobId: '501' });
    expect(accepted).toEqual({
      before: { code: 12, name: 'KILLED' },
      acceptedAt: expect.any(String),
      attached: false,
    });
    const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '501'));
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.cancel();
  });

  it.concurrent('gives a second caller the same answer, without a second request', async () => {
    stage.simulator.addJob({ jobId: '502', status: 12, timelines: { restart: STARTING } });
    const [first, second] = await Promise.all([
      startAndAccept({ jobId: '502' }),
      startAndAccept({ jobId: '502' }),
    ]);
    expect(second).toEqual(first);
    expect(stage.simulator.requests({ jobId: '502', operation: 'restart' })).toHaveLength(1);
    await stage.client.workflow.getHandle(restartId(stage.projectId, '502')).cancel();
  });

  it.concurrent('fails with the restart’s own failure where ModelArts refuses', async () => {
    stage.simulator.addJob({ jobId: '503', status: 8 });
    expect(await failureOf(startAndAccept({ jobId: '503' }))).toMatchObject({
      type: 'ModelArts.0105',
      details: [{ outcome: 'refused' }],
    });
  });

  it.concurrent('fails with InvalidInput for bad input in the very first task', async () => {
    const bad = { jobId: '504', until: 'up' } as unknown as { jobId: string };
    expect(await failureOf(startAndAccept(bad))).toMatchObject({ type: 'InvalidInput' });
  });

  it.concurrent('answers without acceptedAt where the job was up already', async () => {
    stage.simulator.addJob({ jobId: '505', status: 8 });
    expect(await startAndAccept({ jobId: '505', ifRunning: 'attach' })).toEqual({
      before: { code: 8, name: 'RUNNING' },
      attached: true,
    });
  });

  it.concurrent('names the look that showed it where the answer was lost', async () => {
    stage.simulator.addJob({ jobId: '506', status: 12, timelines: { restart: STARTING } });
    stage.simulator.fault({ jobId: '506', operation: 'restart', kind: 'answer-lost' });
    expect(await startAndAccept({ jobId: '506' })).toHaveProperty('acceptedAt');
    await stage.client.workflow.getHandle(restartId(stage.projectId, '506')).cancel();
  });
});

describe('signal checkNow', () => {
  it.concurrent('looks at once, however long the interval is', async () => {
    stage.simulator.addJob({ jobId: '511', status: 12, timelines: { restart: STARTING } });
    const handle = await stage.start({ jobId: '511', pollInterval: '10m' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    stage.simulator.setStatus('511', 8);
    await handle.signal('checkNow');
    expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  });
});

describe('update extendDeadline', () => {
  it('moves the deadline, and answers with it', async () => {
    stage.simulator.addJob({ jobId: '521', status: 12, timelines: { restart: STARTING } });
    const handle = await stage.start({ jobId: '521', timeout: '3s' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    const { deadline } = await handle.executeUpdate<ExtendedDeadline, [unknown]>('extendDeadline', {
      args: [{ timeout: '1m' }],
    });
    const inMs = Date.parse(deadline) - Date.now();
    expect(Math.abs(inMs - 60_000)).toBeLessThan(15_000);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    stage.simulator.setStatus('521', 8);
    expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  });

  it.concurrent('can bring it nearer', async () => {
    stage.simulator.addJob({ jobId: '522', status: 12, timelines: { restart: STARTING } });
    const handle = await stage.start({ jobId: '522', timeout: '30m' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    await handle.executeUpdate('extendDeadline', { args: [{ timeout: '1s' }] });
    expect(await endOf(handle)).toMatchObject({ type: 'RestartTimedOut' });
  });

  it.concurrent('refuses bad input and leaves the deadline as it is', async () => {
    stage.simulator.addJob({ jobId: '523', status: 12, timelines: { restart: STARTING } });
    const handle = await stage.start({ jobId: '523' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    const bad = handle.executeUpdate('extendDeadline', { args: [{ timeout: 'soon' }] });
    expect(await failureOf(bad)).toMatchObject({ type: 'InvalidInput' });
    await handle.cancel();
  });
});

describe('what the Temporal UI shows', () => {
  it.concurrent(
    'has the status by name, since when, the next look and what has happened',
    async () => {
      stage.simulator.addJob({ jobId: '531', status: 12, timelines: { restart: STARTING } });
      const handle = await stage.start({ jobId: '531' });
      await progressWhen(handle, ({ last }) => last?.code === 7);
      const { currentDetails } = await handle.query<{ currentDetails: string }>(
        '__temporal_workflow_metadata',
      );
      expect(currentDetails).toMatch(/\*\*Job 531\*\*: WAITING \(7\) since \d{4}-/);
      expect(currentDetails).toContain('**Next look**: within 1s of the last');
      expect(currentDetails).toContain('restart accepted');
      expect(currentDetails).toContain('KILLED → WAITING');
      await handle.cancel();
    },
  );

  it.concurrent('says in the end how it ended, and what to do where it failed', async () => {
    stage.simulator.addJob({ jobId: '533', status: 8 });
    const handle = await stage.start({ jobId: '533' });
    await endOf(handle);
    const { currentDetails } = await handle.query<{ currentDetails: string }>(
      '__temporal_workflow_metadata',
    );
    expect(currentDetails).toContain('**Now**: ended as `refused` at ');
    expect(currentDetails).toContain('ifRunning "attach" waits for it');
  });

  it.concurrent('describes each message that can be sent', async () => {
    stage.simulator.addJob({ jobId: '534', status: 8 });
    const handle = await stage.start({ jobId: '534' });
    await endOf(handle);
    const { definition } = await handle.query<{
      definition: Record<string, { name: string; description: string }[]>;
    }>('__temporal_workflow_metadata');
    const described = ['queryDefinitions', 'signalDefinitions', 'updateDefinitions']
      .flatMap((kind) => definition[kind] ?? [])
      .filter(({ name, description }) => !name.startsWith('__') && description !== '');
    expect(described.map(({ name }) => name).sort()).toEqual([
      'accepted',
      'checkNow',
      'extendDeadline',
      'progress',
    ]);
  });

  it.concurrent(
    'finds restarts by job, outcome and code, where the attributes are registered',
    async () => {
      stage.simulator.addJob({ jobId: '532', status: 8 });
      await stage.restart({ jobId: '532' });
      const query = `ModelArtsJobId = '532' AND ModelArtsOutcome = 'refused' AND ModelArtsErrorCode = 'ModelArts.0105' AND TaskQueue = '${stage.taskQueue}'`;
      const found = await eventually(async () => {
        for await (const workflow of stage.client.workflow.list({ query }))
          return workflow.workflowId;
        return undefined;
      });
      expect(found).toBe(restartId(stage.projectId, '532'));
    },
  );
});
