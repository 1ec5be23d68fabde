import { setTimeout as pause } from 'node:timers/promises';
import { endOf, eventually, openStage, progressWhen, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 1_000, status: 8 },
];
const requests = (jobId: string, operation: 'restart' | 'stop'): number =>
  stage.simulator.requests({ jobId, operation }).length;
const isUp = { status: 'completed', outcome: { outcome: 'running' } };

describe('ifRunning: "stop"', () => {
  it.concurrent(
    'waits for a job whose second stop is refused because it goes down already',
    async () => {
      const stop = [
        { afterMs: 0, status: 9 },
        { afterMs: 5_000, status: 12 },
      ];
      stage.simulator.addJob({ jobId: '1201', status: 8, timelines: { restart: UP, stop } });
      // For longer than the settle time the job is shown as it was before the stop.
      const old = { jobId: '1201', operation: 'detail', kind: 'show-status', status: 8 } as const;
      const stale = stage.simulator.fault({ ...old, after: 1, times: 4 });
      const end = await stage.restart({ jobId: '1201', ifRunning: 'stop', settleTime: '1s' });
      expect(end).toMatchObject(isUp);
      expect(stale.fired).toBe(4);
      expect(requests('1201', 'stop')).toBeGreaterThan(1);
      expect(stage.simulator.job('1201').stopsAccepted).toBe(1);
    },
  );

  it.concurrent('looks before it asks again after a throttled stop', async () => {
    stage.simulator.addJob({ jobId: '1202', status: 8, timelines: { restart: UP } });
    const throttle = { kind: 'throttle', text: 'slow down', retryAfter: 2 } as const;
    const once = stage.simulator.fault({ jobId: '1202', operation: 'stop', ...throttle });
    const restarting = stage.restart({ jobId: '1202', ifRunning: 'stop' });
    await eventually(() => (once.fired === 1 ? true : undefined));
    stage.simulator.setStatus('1202', 10);
    expect(await restarting).toMatchObject(isUp);
    expect([requests('1202', 'stop'), requests('1202', 'restart')]).toEqual([1, 1]);
  });

  it.concurrent(
    'sees that the deadline was moved while it waits for the job to be down',
    async () => {
      const stop = [
        { afterMs: 0, status: 9 },
        { afterMs: 9_000, status: 12 },
      ];
      stage.simulator.addJob({ jobId: '1204', status: 8, timelines: { restart: UP, stop } });
      const handle = await stage.start({ jobId: '1204', ifRunning: 'stop', timeout: '7s' });
      await progressWhen(handle, ({ last }) => last?.code === 9);
      // Looks fail at the old deadline.
      const hang = { jobId: '1204', operation: 'detail', kind: 'hang', times: 5 } as const;
      const hanging = stage.simulator.fault(hang);
      await handle.executeUpdate('extendDeadline', { args: [{ timeout: '20s' }] });
      expect(await endOf(handle)).toMatchObject(isUp);
      expect(hanging.fired).toBeGreaterThan(0);
    },
  );

  it.concurrent(
    'asks a few times only where a stop does nothing and the settle time is 0',
    async () => {
      stage.simulator.addJob({ jobId: '1205', status: 8, timelines: { restart: UP, stop: [] } });
      const handle = await stage.start({
        jobId: '1205',
        ifRunning: 'stop',
        settleTime: '0s',
        timeout: '10s',
      });
      expect(await endOf(handle)).toMatchObject({ type: 'RestartTimedOut' });
      expect(requests('1205', 'stop')).toBeLessThan(8);
      expect((await handle.describe()).historyLength).toBeLessThan(150);
    },
  );
});

// A stage of its own: the pause that is asked for holds every job of its project back.
it.concurrent('no stop is sent at a deadline that Retry-After lies beyond', async () => {
  const own = await openStage();
  try {
    own.simulator.addJob({ jobId: '1203', status: 8, timelines: { restart: UP } });
    const throttle = { kind: 'throttle', text: 'slow down', retryAfter: 3_600 } as const;
    own.simulator.fault({ jobId: '1203', operation: 'stop', ...throttle });
    const end = await own.restart({ jobId: '1203', ifRunning: 'stop', timeout: '3s' });
    expect(end).toMatchObject({ type: 'RestartTimedOut', outcome: { error: { httpStatus: 429 } } });
    expect(own.simulator.requests({ jobId: '1203', operation: 'stop' })).toHaveLength(1);
    expect(own.simulator.job('1203')).toMatchObject({ status: 8, stopsAccepted: 0 });
  } finally {
    await own.close();
  }
});

describe('onCancel: "stop"', () => {
  it('takes no old reading for down after a stop that got lost', async () => {
    const restart = [
      { afterMs: 5_000, status: 7 },
      { afterMs: 6_000, status: 8 },
    ];
    stage.simulator.addJob({ jobId: '1211', status: 12, timelines: { restart } });
    const lose = { jobId: '1211', operation: 'stop', kind: 'request-lost' } as const;
    const lost = stage.simulator.fault(lose);
    const handle = await stage.start({ jobId: '1211', onCancel: 'stop', settleTime: '1s' });
    await progressWhen(handle, ({ acceptedAt }) => acceptedAt !== undefined);
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    expect(lost.fired).toBe(1);
    // The restart would have moved the job by then.
    await pause(1_500);
    expect(stage.simulator.job('1211')).toMatchObject({ status: 12, stopsAccepted: 1 });
  });
});
