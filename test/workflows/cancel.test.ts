import { endOf, openStage, progressWhen, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const STARTING = [{ afterMs: 0, status: 7 }];
const stops = (jobId: string): number =>
  stage.simulator.requests({ jobId, operation: 'stop' }).length;

describe('onCancel: "stop"', () => {
  it.concurrent('stops a job that is on its way, and ends Canceled once it is down', async () => {
    stage.simulator.addJob({ jobId: '401', status: 12, timelines: { restart: STARTING } });
    const handle = await stage.start({ jobId: '401', onCancel: 'stop' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    expect(stage.simulator.job('401').status).toBe(12);
    expect(stops('401')).toBe(1);
    const { outcome, last } = await progressWhen(handle, ({ phase }) => phase === 'done');
    expect([outcome, last?.name]).toEqual(['canceled', 'KILLED']);
  });

  it.concurrent(
    'asks again while ModelArts refuses the stop because the job has not moved yet',
    async () => {
      const restart = [{ afterMs: 3_000, status: 7 }];
      stage.simulator.addJob({ jobId: '402', status: 12, timelines: { restart } });
      const handle = await stage.start({ jobId: '402', onCancel: 'stop', settleTime: '60s' });
      await progressWhen(handle, ({ acceptedAt }) => acceptedAt !== undefined);
      await handle.cancel();
      expect(await endOf(handle)).toEqual({ status: 'canceled' });
      const log = stage.simulator.requests({ jobId: '402', operation: 'stop' });
      expect(log.length).toBeGreaterThan(1);
      expect(log.map(({ carriedOut }) => carriedOut).at(-1)).toBe(true);
      expect(stage.simulator.job('402').status).toBe(12);
    },
  );

  it.concurrent('stops nothing where no request was sent', async () => {
    stage.simulator.addJob({ jobId: '403', status: 7 });
    const handle = await stage.start({ jobId: '403', onCancel: 'stop', ifRunning: 'attach' });
    await progressWhen(handle, ({ phase }) => phase === 'waiting');
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    expect(stops('403')).toBe(0);
    expect(stage.simulator.job('403').status).toBe(7);
  });

  it.concurrent('waits for the answer of a request under way, and then stops', async () => {
    stage.simulator.addJob({ jobId: '404', status: 12, timelines: { restart: STARTING } });
    const delay = { kind: 'delay', ms: 1_000 } as const;
    const slow = stage.simulator.fault({ jobId: '404', operation: 'restart', ...delay });
    const handle = await stage.start({ jobId: '404', onCancel: 'stop' });
    await progressWhen(handle, ({ phase }) => phase === 'requesting');
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    expect(slow.fired).toBe(1);
    expect(stage.simulator.acceptedRestarts('404')).toBe(1);
    expect(stage.simulator.job('404').status).toBe(12);
  });
});

describe('onCancel: "leave"', () => {
  it.concurrent(
    'ends only when a request under way is answered, and knows that it was taken',
    async () => {
      stage.simulator.addJob({ jobId: '411', status: 12, timelines: { restart: STARTING } });
      const delay = { kind: 'delay', ms: 1_000, when: 'after' } as const;
      stage.simulator.fault({ jobId: '411', operation: 'restart', ...delay });
      const handle = await stage.start({ jobId: '411' });
      await progressWhen(handle, ({ phase }) => phase === 'requesting');
      await handle.cancel();
      expect(await endOf(handle)).toEqual({ status: 'canceled' });
      const { acceptedAt } = await progressWhen(handle, ({ phase }) => phase === 'done');
      expect(acceptedAt).toEqual(expect.any(String));
      expect(stops('411')).toBe(0);
      expect(stage.simulator.job('411').status).toBe(7);
    },
  );

  it.concurrent('ends at once before anything was asked for', async () => {
    stage.simulator.addJob({ jobId: '412', status: 9 });
    const handle = await stage.start({ jobId: '412' });
    await progressWhen(handle, ({ last }) => last?.code === 9);
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    expect(stage.simulator.requests({ jobId: '412', operation: 'restart' })).toHaveLength(0);
  });
});
