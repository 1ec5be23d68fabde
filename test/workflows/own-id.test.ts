import type { RestartAccepted } from '../../src/domain/outcome.js';
import { restartId } from '../../src/domain/ids.js';
import {
  endOf,
  eventually,
  openStage,
  progressWhen,
  type End,
  type Stage,
} from '../setup/stage.js';
import { attributeNamesOf } from '../setup/search-attributes.js';
import { addJob, input, restartOf } from './jobs-of-joiners.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const job = (jobId: string, status?: number): void => addJob(stage, jobId, status);
const theRestart = (jobId: string) => restartOf(stage, jobId);

describe('a restart under an id of its own', () => {
  it.concurrent('runs *the* restart as its child, with the same outcome', async () => {
    job('701');
    const handle = await stage.startWith([input('701')]);
    const { restart } = await progressWhen(handle, ({ restart: id }) => id !== undefined);
    expect(restart).toBe(restartId(stage.projectId, '701'));
    await progressWhen(theRestart('701'), ({ last }) => last?.code === 7);
    stage.simulator.setStatus('701', 8);
    const [own, its] = await Promise.all([endOf(handle), endOf(theRestart('701'))]);
    expect(own).toEqual(its);
    expect(own).toMatchObject({ status: 'completed', outcome: { attached: false } });
    const { currentDetails } = await handle.query<{ currentDetails: string }>(
      '__temporal_workflow_metadata',
    );
    expect(currentDetails).toContain(`${restartId(stage.projectId, '701')}\` (started it)`);
    const { parentExecution } = await theRestart('701').describe();
    expect(parentExecution?.workflowId).toBe(handle.workflowId);
    expect(await attributeNamesOf(theRestart('701'))).toEqual({
      atStart: [],
      written: ['ModelArtsJobId', 'ModelArtsOutcome'],
    });
  });

  it.concurrent(
    'takes the project from the worker, and fails as InvalidInput where that has none',
    async () => {
      const bare = await openStage({ defaultProject: null });
      try {
        const handle = await bare.startWith([{ jobId: '702' }]);
        const accepted = handle.executeUpdate('accepted').catch((error: unknown) => error);
        const end = (await endOf(handle)) as End & { status: 'failed' };
        expect(end.type).toBe('InvalidInput');
        expect(end.message).toContain('HW_PROJECT_ID');
        expect(await accepted).toMatchObject({ cause: { type: 'InvalidInput' } });
      } finally {
        await bare.close();
      }
    },
  );

  it.concurrent('passes accepted, checkNow and extendDeadline on', async () => {
    job('703');
    const handle = await stage.startWith([{ ...input('703'), pollInterval: '10m' }]);
    const accepted = await handle.executeUpdate<RestartAccepted, []>('accepted');
    expect(accepted).toEqual({
      before: { code: 12, name: 'KILLED' },
      acceptedAt: expect.any(String),
      attached: false,
    });
    const answer = await handle.executeUpdate('extendDeadline', { args: [{ timeout: '1h' }] });
    expect(Date.parse((answer as { deadline: string }).deadline)).toBeGreaterThan(
      Date.now() + 3_500_000,
    );
    await progressWhen(theRestart('703'), ({ last }) => last?.code === 7);
    stage.simulator.setStatus('703', 8);
    await handle.signal('checkNow');
    expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  });

  it.concurrent('passes a failure on with its type and its outcome', async () => {
    job('704', 8);
    const handle = await stage.startWith([input('704')]);
    expect(await endOf(handle)).toMatchObject({
      type: 'ModelArts.0105',
      stack: '',
      outcome: { outcome: 'refused', attached: false },
    });
  });

  it.concurrent('cancels the restart where it started it', async () => {
    job('705');
    const handle = await stage.startWith([{ ...input('705'), onCancel: 'stop' }]);
    await eventually(() => stage.simulator.job('705').status === 7 || undefined);
    await progressWhen(theRestart('705'), ({ last }) => last?.code === 7);
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    expect(await endOf(theRestart('705'))).toEqual({ status: 'canceled' });
    expect(stage.simulator.job('705').status).toBe(12);
  });

  it.concurrent('has ModelArtsJobId alone of the search attributes', async () => {
    job('706', 8);
    const handle = await stage.startWith([input('706')]);
    await endOf(handle);
    const { typedSearchAttributes } = await handle.describe();
    const names = typedSearchAttributes.getAll().map(({ key }) => key.name);
    expect(names.filter((name) => name.startsWith('ModelArts'))).toEqual(['ModelArtsJobId']);
  });
});
