import type { WorkflowHandle } from '@temporalio/client';
import { endOf, progressWhen } from '../setup/stage.js';
import { openScene, quick, STARTING, told, type Scene } from './scene.js';

/*
 * What a parent sees of its child, and a caller of its Nexus operation, on each failure: the tables
 * of docs/other-workflows.md and docs/nexus.md.
 */
let scene: Scene;
let jobs = 920;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

type Steps = { afterMs: number; status: number }[];
const job = (restart: Steps = STARTING, status = 12): string => {
  const jobId = String((jobs += 1));
  scene.simulator.addJob({ jobId, status, timelines: { restart } });
  return jobId;
};

const FAILURES = [
  { type: 'ModelArts.0105', outcome: 'refused', job: () => job(STARTING, 8) },
  { type: 'ModelArts.0015', outcome: 'refused', job: () => '999999' },
  {
    type: 'RestartFailed',
    outcome: 'failed',
    job: () => job([...STARTING, { afterMs: 1_500, status: 11 }]),
  },
  {
    type: 'JobStopped',
    outcome: 'stopped',
    job: () => job([...STARTING, { afterMs: 2_500, status: 13 }]),
  },
  { type: 'RestartHadNoEffect', outcome: 'no-effect', job: () => job([]) },
  { type: 'RestartTimedOut', outcome: 'timed-out', job: () => job(), timeout: '3s' },
  {
    type: 'RestartUnknown',
    outcome: 'unknown',
    job: () => {
      const jobId = job([]);
      scene.simulator.fault({ jobId, operation: 'restart', kind: 'request-lost' });
      return jobId;
    },
  },
];

describe.each(['child', 'nexus'] as const)('what a caller sees by way of %s', (door) => {
  const around = () =>
    door === 'child'
      ? { error: 'ChildWorkflowFailure', workflowType: 'restartVisualizationJob' }
      : {
          error: 'NexusOperationFailure',
          endpoint: scene.nexus.endpoint,
          service: 'modelarts-restarts',
          operation: 'restartVisualizationJob',
        };
  const call = (input: unknown): Promise<WorkflowHandle> => scene.call(scene[door], input);

  // All at once: most of them wait for what the simulator does next.
  const callers = new Map<string, { jobId: string; caller: WorkflowHandle }>();
  beforeAll(async () => {
    for (const { type, job: makeJob, timeout = '30s' } of FAILURES) {
      const jobId = makeJob();
      callers.set(type, { jobId, caller: await call({ ...quick(jobId), timeout }) });
    }
  });

  it.each(FAILURES)('$type, with the outcome $outcome as its only detail', async (row) => {
    const { type, outcome } = row;
    const { jobId, caller } = callers.get(type)!;
    expect(await told(caller)).toEqual({
      ...around(),
      cause: {
        error: 'ApplicationFailure',
        type,
        message: expect.stringMatching(new RegExp(`^${type}: .+`)),
        nonRetryable: true,
        details: [expect.objectContaining({ outcome, jobId, attached: false })],
      },
    });
  });

  it('InvalidInput, without a detail', async () => {
    expect(await told(await call({ jobid: '10' }))).toEqual({
      ...around(),
      cause: {
        error: 'ApplicationFailure',
        type: 'InvalidInput',
        message: expect.stringContaining('did you mean "jobId"?'),
        nonRetryable: true,
        details: [],
      },
    });
  });

  it('RestartCanceled, when somebody else cancels the restart', async () => {
    const jobId = job();
    const caller = await call(quick(jobId));
    await scene.following(caller);
    await progressWhen(scene.theRestart(jobId), ({ last }) => last?.code === 7);
    await scene.theRestart(jobId).cancel();
    expect(await told(caller)).toMatchObject({
      ...around(),
      cause: { type: 'RestartCanceled', details: [{ outcome: 'canceled', jobId }] },
    });
  });

  it('RestartUnknown, when somebody terminates the restart', async () => {
    const jobId = job();
    const caller = await call(quick(jobId));
    await scene.following(caller);
    await scene.theRestart(jobId).terminate('somebody did');
    expect(await told(caller)).toMatchObject({
      ...around(),
      cause: { type: 'RestartUnknown', details: [{ outcome: 'unknown', jobId }] },
    });
  });

  it('CancelledFailure, when the caller itself or what it started is cancelled', async () => {
    for (const cancelled of ['the caller', 'what it started']) {
      const jobId = job();
      const caller = await call(quick(jobId));
      const started = await scene.following(caller);
      await (cancelled === 'the caller' ? caller : started).cancel();
      expect(await told(caller)).toMatchObject({
        ...around(),
        cause: { error: 'CancelledFailure' },
      });
      // Where it had started the restart itself.
      expect(await endOf(scene.theRestart(jobId))).toEqual({ status: 'canceled' });
    }
  });

  it('TerminatedFailure, when what it started is terminated; the restart goes on', async () => {
    const jobId = job();
    const caller = await call(quick(jobId));
    const started = await scene.following(caller);
    await started.terminate('somebody did');
    expect(await told(caller)).toMatchObject({
      ...around(),
      cause: { error: 'TerminatedFailure' },
    });
    await progressWhen(scene.theRestart(jobId), ({ last }) => last?.code === 7);
    scene.simulator.setStatus(jobId, 8);
    expect(await endOf(scene.theRestart(jobId))).toMatchObject({ status: 'completed' });
  });
});

it('a mistyped workflow type: UnknownWorkflowType, with the nearest one', async () => {
  const mistyped = { ...scene.child, workflowType: 'restartVisualisationJob' };
  expect(await told(await scene.call(mistyped, { jobId: '10' }))).toMatchObject({
    error: 'ChildWorkflowFailure',
    cause: {
      type: 'UnknownWorkflowType',
      message: expect.stringContaining('restartVisualizationJob'),
    },
  });
});
