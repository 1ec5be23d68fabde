import { randomUUID } from 'node:crypto';
import { nexusRestartId, restartId } from '../../src/domain/ids.js';
import { endOf, openStage, type Stage } from '../setup/stage.js';
import { addJobs, endOfBatch, startBatch } from './batches.js';

const ALLOWED = 'a'.repeat(32);

/** A worker that serves one other project, and one that must not stop jobs. */
let elsewhere: Stage;
let stage: Stage;
beforeAll(async () => {
  [elsewhere, stage] = await Promise.all([
    openStage({ limits: { allowedProjects: [ALLOWED] } }),
    openStage({ limits: { allowStop: false }, list: true }),
  ]);
});
afterAll(() => Promise.all([elsewhere.close(), stage.close()]));

const otherProject = { type: 'InvalidInput', stack: '' };
const named = (projectId: string) =>
  expect.stringContaining(`MODELARTS_ALLOWED_PROJECTS names; got "${projectId}"`) as string;

describe('a project that the worker does not allow is InvalidInput', () => {
  const cases = (): [where: string, args: unknown[], id: string | undefined, type?: string][] => {
    const { projectId } = elsewhere;
    const batch = 'restartVisualizationJobs';
    return [
      ['in the input', [{ jobId: '1', projectId }], restartId(projectId, '1')],
      ['in the workflow id', ['2'], restartId(projectId, '2')],
      ['in a joiner’s input', [{ jobId: '3', projectId }], undefined],
      ['as the worker’s default, for a joiner', ['4'], undefined],
      ['for a caller by Nexus', ['5'], nexusRestartId(randomUUID())],
      ['for a batch by ids', [{ jobIds: ['6'], projectId }], undefined, batch],
      ['for a batch by a selection', [{ select: {} }], undefined, batch],
    ];
  };

  it('wherever it comes from, and ModelArts is not called for it', async () => {
    const ends = await Promise.all(
      cases().map(async ([where, args, id, type]) => {
        const handle = await elsewhere.startWith(args, id, type);
        return { where, ...(await endOfBatch(handle)) };
      }),
    );
    expect(ends).toEqual(
      cases().map(([where]) => ({
        where,
        status: 'failed',
        ...otherProject,
        message: named(elsewhere.projectId),
      })),
    );
    expect(elsewhere.simulator.requests()).toEqual([]);
  });

  it('and whoever waits for accepted learns it', async () => {
    const { projectId } = elsewhere;
    const handle = await elsewhere.start({ jobId: '7' });
    await expect(handle.executeUpdate('accepted')).rejects.toMatchObject({
      cause: { type: 'InvalidInput', message: named(projectId) },
    });
  });
});

it('a project that the worker allows is looked at', async () => {
  const input = { jobId: '8', projectId: ALLOWED };
  const end = await elsewhere.restart(input, restartId(ALLOWED, '8'));
  // The simulator knows no such project.
  expect(end).toMatchObject({ status: 'failed', outcome: { outcome: 'refused' } });
  expect(elsewhere.simulator.requests({ jobId: '8' })).toHaveLength(1);
});

it.each([
  ['ifRunning', 11],
  ['onCancel', 21],
] as const)(
  '%s: "stop" is InvalidInput where stops are forbidden, in a restart and in a batch',
  async (key, first) => {
    const [jobId, joiner, member] = addJobs(stage, first, 3, { status: 8 }) as [
      string,
      string,
      string,
    ];
    const stop = { [key]: 'stop' } as const;
    const ends = [
      await stage.restart({ jobId, ...stop }),
      await stage.restart({ jobId: joiner, ...stop }, `own-${randomUUID()}`),
      await endOfBatch(await startBatch(stage, { jobIds: [member], ...stop })),
    ];
    const message = expect.stringContaining(`${key} must not be "stop"`) as string;
    for (const end of ends) expect(end).toMatchObject({ type: 'InvalidInput', message });
    for (const operation of ['restart', 'stop'] as const) {
      expect(stage.simulator.requests({ operation })).toEqual([]);
    }
  },
);

it('a restart without a stop goes on where stops are forbidden', async () => {
  const [jobId] = addJobs(stage, 31, 1) as [string];
  const end = await endOf(await stage.start({ jobId, ifRunning: 'attach' }));
  expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'running' } });
});
