import type { BatchOutcome } from '../../src/nexus/service.js';
import { endOf, progressWhen, eventually } from '../setup/stage.js';
import { openScene, STARTING, told, type Scene } from './scene.js';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const QUICK = { pollInterval: '1s', settleTime: '2s', timeout: '5m' };

function jobs(first: number, count: number, status = 12, steps = STARTING): string[] {
  return Array.from({ length: count }, (_, index) => {
    const jobId = String(first + index);
    scene.simulator.addJob({ jobId, status, timelines: { restart: steps } });
    return jobId;
  });
}

const call = (input: object) => scene.call(scene.nexus, { ...QUICK, ...input }, 'batchCaller');

const toldOf = async (caller: Awaited<ReturnType<typeof call>>) =>
  (await told(caller)) as unknown as { outcome?: BatchOutcome; cause?: Record<string, unknown> };

it.concurrent('a caller gets the outcome of all jobs', async () => {
  const jobIds = jobs(9_101, 3, 12, [{ afterMs: 0, status: 8 }]);
  const { outcome } = await toldOf(await call({ jobIds }));
  expect(outcome).toMatchObject({
    total: 3,
    running: 3,
    outcomes: jobIds.map((jobId) => ({ jobId, outcome: 'running' })),
  });
});

it.concurrent(
  'sees SomeRestartsFailed with the outcome, and bad input as InvalidInput',
  async () => {
    const jobIds = jobs(9_111, 1, 8);
    expect(await toldOf(await call({ jobIds }))).toMatchObject({
      cause: {
        type: 'SomeRestartsFailed',
        nonRetryable: true,
        details: [{ total: 1, refused: 1 }],
      },
    });
    expect(await toldOf(await call({}))).toMatchObject({
      cause: { type: 'InvalidInput', details: [] },
    });
  },
);

it.concurrent(
  'cancelling the operation cancels the batch, and with it what the batch started',
  async () => {
    const [jobId] = jobs(9_121, 1) as [string];
    const caller = await call({ jobIds: [jobId], onCancel: 'stop' });
    await eventually(async () => {
      const { status } = await scene
        .theRestart(jobId)
        .describe()
        .catch(() => ({ status: undefined }));
      return status;
    });
    await progressWhen(scene.theRestart(jobId), ({ last }) => last?.code === 7);
    const { parentExecution } = await scene.theRestart(jobId).describe();
    expect(parentExecution?.workflowId).toMatch(/^nexus-restarts:[0-9a-f-]{36}$/);
    await caller.cancel();
    expect(await toldOf(caller)).toMatchObject({ cause: { error: 'CancelledFailure' } });
    expect(await endOf(scene.theRestart(jobId))).toEqual({ status: 'canceled' });
    expect(scene.simulator.job(jobId).status).toBe(12);
  },
);
