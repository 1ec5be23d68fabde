import type { RestartAccepted } from '../../src/domain/outcome.js';
import {
  endOf,
  eventually,
  openStage,
  progressWhen,
  type End,
  type Stage,
} from '../setup/stage.js';
import { addJob, input, restartOf, STARTING } from './jobs-of-joiners.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const job = (jobId: string, status?: number): void => addJob(stage, jobId, status);
const theRestart = (jobId: string) => restartOf(stage, jobId);

describe('joining a restart under way', () => {
  const underWay = async (jobId: string) => {
    job(jobId);
    const first = await stage.start({ jobId });
    await progressWhen(first, ({ last }) => last?.code === 7);
    const joiner = await stage.startWith([input(jobId)]);
    const { attached } = await progressWhen(joiner, ({ restart }) => restart !== undefined);
    expect(attached).toBe(true);
    return { first, joiner };
  };

  it.concurrent('has its outcome, and says that it joined', async () => {
    const { first, joiner } = await underWay('711');
    stage.simulator.setStatus('711', 8);
    const [its, own] = await Promise.all([endOf(first), endOf(joiner)]);
    expect(its).toMatchObject({ status: 'completed', outcome: { attached: false } });
    const { outcome } = its as End & { status: 'completed' };
    expect(own).toEqual({ status: 'completed', outcome: { ...outcome, attached: true } });
    expect(stage.simulator.requests({ jobId: '711', operation: 'restart' })).toHaveLength(1);
  });

  it.concurrent('takes nothing from the restart when the joiner is cancelled', async () => {
    const { first, joiner } = await underWay('712');
    await joiner.cancel();
    expect(await endOf(joiner)).toEqual({ status: 'canceled' });
    expect((await first.describe()).status.name).toBe('RUNNING');
    stage.simulator.setStatus('712', 8);
    expect(await endOf(first)).toMatchObject({ status: 'completed' });
  });

  it.concurrent(
    'fails as RestartCanceled, with the outcome, when the restart is cancelled',
    async () => {
      const { first, joiner } = await underWay('713');
      await first.cancel();
      expect(await endOf(joiner)).toMatchObject({
        type: 'RestartCanceled',
        outcome: { outcome: 'canceled', attached: true, last: { name: 'WAITING' } },
      });
    },
  );

  it.concurrent('fails as RestartUnknown when the restart is terminated', async () => {
    const { first, joiner } = await underWay('714');
    await first.terminate('somebody did');
    expect(await endOf(joiner)).toMatchObject({
      type: 'RestartUnknown',
      outcome: { outcome: 'unknown', attached: true, projectId: stage.projectId },
    });
  });

  it.concurrent('answers `accepted` with the restart’s own, attached', async () => {
    const { first, joiner } = await underWay('715');
    const accepted = await joiner.executeUpdate<RestartAccepted, []>('accepted');
    expect(accepted).toMatchObject({ attached: true, acceptedAt: expect.any(String) });
    await first.cancel();
    await endOf(joiner);
  });

  it.concurrent(
    'makes one accepted restart of five callers at once, and their outcomes agree',
    async () => {
      job('716');
      const callers = await Promise.all([
        stage.start({ jobId: '716' }),
        ...Array.from({ length: 4 }, () => stage.startWith([input('716')])),
      ]);
      await progressWhen(theRestart('716'), ({ last }) => last?.code === 7);
      await Promise.all(
        callers.map((caller) => progressWhen(caller, ({ phase }) => phase === 'waiting')),
      );
      stage.simulator.setStatus('716', 8);
      const ends = await Promise.all(callers.map((caller) => endOf(caller)));
      const outcomes = ends.map((end) => (end as End & { status: 'completed' }).outcome);
      for (const outcome of outcomes) {
        expect({ ...outcome, attached: false }).toEqual({ ...outcomes[0], attached: false });
      }
      expect(outcomes.filter(({ attached }) => !attached)).toHaveLength(1);
      expect(stage.simulator.requests({ jobId: '716', operation: 'restart' })).toHaveLength(1);
    },
  );
});

describe('a later restart of the same job', () => {
  /** Starts *the* restart again, as soon as it can be. */
  const again = (jobId: string) =>
    eventually(() => stage.start({ jobId, timeout: '20s' }).catch(() => undefined));

  it.concurrent.each([
    ['canceled', 'RestartCanceled', '721'],
    ['terminated', 'RestartUnknown', '722'],
  ])('is not taken for the one that was %s: by who started that', async (how, type, jobId) => {
    job(jobId);
    const starter = await stage.startWith([input(jobId)]);
    await progressWhen(starter, ({ restart }) => restart !== undefined);
    await progressWhen(theRestart(jobId), ({ last }) => last?.code === 7);
    await (how === 'canceled' ? theRestart(jobId).cancel() : theRestart(jobId).terminate());
    const later = await again(jobId);
    expect(await endOf(starter)).toMatchObject({ status: 'failed', type });
    await later.terminate().catch(() => undefined);
  });

  it.concurrent(
    'is not taken for the one that was terminated while no worker was there: by a joiner',
    async () => {
      const away = await openStage();
      away.simulator.addJob({ jobId: '723', status: 12, timelines: { restart: STARTING } });
      const first = await away.start({ jobId: '723' });
      await progressWhen(first, ({ last }) => last?.code === 7);
      const joiner = await away.startWith([input('723')]);
      await progressWhen(joiner, ({ restart }) => restart !== undefined);
      // The follower is on the worker once it has told Temporal what it follows.
      await eventually(async () => {
        const { raw } = await joiner.describe();
        return raw.pendingActivities?.find(({ heartbeatDetails }) => heartbeatDetails);
      });
      await away.replaceWorker(async () => {
        await first.terminate();
        await away.start({ jobId: '723' });
      });
      expect(await endOf(joiner)).toMatchObject({
        type: 'RestartUnknown',
        outcome: { outcome: 'unknown', attached: true },
      });
      await away.close();
    },
  );
});

describe('who was canceled', () => {
  it.concurrent(
    'tells the outcome of the restart that it started, as far as that had come',
    async () => {
      job('731');
      const starter = await stage.startWith([input('731')]);
      await progressWhen(starter, ({ restart }) => restart !== undefined);
      await progressWhen(theRestart('731'), ({ last }) => last?.code === 7);
      await starter.cancel();
      expect(await endOf(starter)).toEqual({ status: 'canceled' });
      expect(await starter.query('progress')).toMatchObject({
        phase: 'done',
        outcome: 'canceled',
        last: { name: 'WAITING' },
        endedAt: expect.any(String),
      });
    },
  );

  it.concurrent(
    'fails `accepted` as RestartCanceled, the restart itself and a joiner alike',
    async () => {
      stage.simulator.addJob({ jobId: '732', status: 9, timelines: { restart: STARTING } });
      const first = await stage.start({ jobId: '732' });
      await progressWhen(first, ({ last }) => last?.code === 9);
      const joiner = await stage.startWith([input('732')]);
      await progressWhen(joiner, ({ restart }) => restart !== undefined);
      const asked = [first, first, joiner, joiner].map((handle) =>
        handle.executeUpdate('accepted').catch((error: unknown) => error),
      );
      await eventually(async () => {
        const { raw } = await joiner.describe();
        return (raw.pendingActivities ?? []).length > 1 || undefined;
      });
      await joiner.cancel();
      await endOf(joiner);
      await first.cancel();
      for (const answer of await Promise.all(asked)) {
        expect(answer).toMatchObject({
          cause: { type: 'RestartCanceled', details: [{ outcome: 'canceled' }] },
        });
      }
    },
  );
});
