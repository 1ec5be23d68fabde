import { setTimeout as pause } from 'node:timers/promises';
import { restartId } from '../../src/domain/ids.js';
import { endOf, openStage, progressWhen, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 500, status: 8 },
];
const STARTING = [{ afterMs: 0, status: 7 }];
const SLOW_STOP = [
  { afterMs: 0, status: 9 },
  { afterMs: 6_000, status: 12 },
];
const theRestart = (jobId: string) =>
  stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
const input = (jobId: string) => ({ jobId, pollInterval: '1s', timeout: '30s', settleTime: '2s' });

/** A starter whose restart stops the job after a cancellation, which takes six seconds. */
async function cancelledStarter(jobId: string) {
  const timelines = { restart: STARTING, stop: SLOW_STOP };
  stage.simulator.addJob({ jobId, status: 12, timelines });
  const starter = await stage.startWith([{ ...input(jobId), onCancel: 'stop' }]);
  await progressWhen(starter, ({ restart }) => restart !== undefined);
  await progressWhen(theRestart(jobId), ({ last }) => last?.code === 7);
  await starter.cancel();
  await progressWhen(theRestart(jobId), ({ last }) => last?.code === 9);
  return starter;
}

// "`timeout` runs from the workflow's start, also while no worker listens."
it.concurrent(
  'a joiner whose timeout passed while no worker listened sends no request',
  async () => {
    const away = await openStage();
    try {
      away.simulator.addJob({ jobId: '11', status: 12, timelines: { restart: UP } });
      away.simulator.addJob({ jobId: '12', status: 12, timelines: { restart: UP } });
      let joiner!: Awaited<ReturnType<Stage['startWith']>>;
      let own!: Awaited<ReturnType<Stage['start']>>;
      await away.replaceWorker(async () => {
        joiner = await away.startWith([{ ...input('11'), timeout: '2s' }]);
        own = await away.start({ jobId: '12', timeout: '2s' });
        await pause(6_000);
      });
      const ends = [await endOf(own), await endOf(joiner)];
      expect(ends.map((end) => (end as { type?: string }).type)).toEqual([
        'RestartTimedOut',
        'RestartTimedOut',
      ]);
      const asked = (jobId: string) =>
        away.simulator.requests({ jobId, operation: 'restart' }).length;
      // The restart under its own id does as promised; the one that a joiner started does not.
      expect({ own: asked('12'), joiner: asked('11') }).toEqual({ own: 0, joiner: 0 });
    } finally {
      await away.close();
    }
  },
);

// "`accepted`, `checkNow` and `extendDeadline` are passed on"; "A canceled restart's outcome is read by `progress`."
it.concurrent(
  'checkNow to a cancelled starter does not end it before the restart has ended',
  async () => {
    const starter = await cancelledStarter('21');
    await starter.signal('checkNow');
    expect(await endOf(starter)).toEqual({ status: 'canceled' });
    const progress = await starter.query('progress');
    expect(progress).toMatchObject({ phase: 'done', outcome: 'canceled' });
    expect(stage.simulator.job('21').status).toBe(12);
  },
);

it.concurrent(
  'extendDeadline to a cancelled starter does not say that the restart has ended',
  async () => {
    const starter = await cancelledStarter('31');
    const answer = await starter
      .executeUpdate('extendDeadline', { args: [{ timeout: '1h' }] })
      .catch((error: unknown) => (error as { cause?: { message?: string } }).cause);
    const { status } = await theRestart('31').describe();
    await endOf(starter);
    expect(status.name).toBe('RUNNING');
    expect(JSON.stringify(answer)).not.toMatch(/has ended/);
  },
);

it.concurrent('the id of one job’s restart is refused for another job', async () => {
  stage.simulator.addJob({ jobId: '42', status: 12, timelines: { restart: STARTING } });
  const wrong = await stage.startWith([input('42')], restartId(stage.projectId, '41'));
  const end = await endOf(wrong);
  expect(end).toMatchObject({ status: 'failed', type: 'InvalidInput' });
  expect((end as { message: string }).message).toMatch(/is for job 41 .* is for job 42/);
  expect(stage.simulator.requests({ jobId: '42' })).toHaveLength(0);
});
