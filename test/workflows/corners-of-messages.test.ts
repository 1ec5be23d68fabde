import { setTimeout as pause } from 'node:timers/promises';
import type { RestartAccepted } from '../../src/domain/outcome.js';
import { endOf, eventually, openStage, progressWhen, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
const STARTING = [{ afterMs: 0, status: 7 }];

// "`accepted` → returns … once ModelArts took the request; fails with the restart's own failure where it refuses".
it('accepted of a joiner answers where the restart was taken, also when that failed since', async () => {
  // The joiner is on another worker, which is away while the restart ends.
  const other = await openStage();
  try {
    stage.simulator.addJob({ jobId: '1', status: 12, timelines: { restart: STARTING } });
    const first = await stage.start({ jobId: '1', timeout: '1m' });
    await progressWhen(
      first,
      ({ acceptedAt, last }) => acceptedAt !== undefined && last?.code === 7,
    );
    const joiner = await other.startWith([{ jobId: '1', projectId: stage.projectId }]);
    await progressWhen(joiner, ({ restart }) => restart !== undefined);
    let accepted!: Promise<unknown>;
    await other.replaceWorker(async () => {
      accepted = joiner
        .executeUpdate<RestartAccepted, []>('accepted')
        .catch((error: unknown) => error);
      stage.simulator.setStatus('1', 11);
      await endOf(first);
    });
    const end = await endOf(joiner);
    expect(end).toMatchObject({ outcome: { acceptedAt: expect.any(String) } });
    expect(await accepted).toMatchObject({ acceptedAt: expect.any(String) });
  } finally {
    await other.close();
  }
});

// "Moved from a status that was down into starting or up → it was taken (`acceptedAt`: that look)."
it.concurrent(
  'a stop on cancel that sees the job start knows that the lost restart was taken',
  async () => {
    stage.simulator.addJob({ jobId: '2', status: 12, timelines: { restart: [] } });
    stage.simulator.fault({ jobId: '2', operation: 'restart', kind: 'answer-lost' });
    const handle = await stage.start({ jobId: '2', onCancel: 'stop', settleTime: '1s' });
    await eventually(() => (stage.simulator.acceptedRestarts('2') === 1 ? true : undefined));
    const accepted = handle.executeUpdate('accepted').catch((error: unknown) => error);
    await pause(300);
    await handle.cancel();
    // A look comes before each stop. After the first one, which is refused, the job begins to start.
    const stops = () => stage.simulator.requests({ jobId: '2', operation: 'stop' });
    await eventually(() => typeof stops()[0]?.outcome === 'number' || undefined);
    stage.simulator.setStatus('2', 7);
    await endOf(handle);
    const progress = await handle.query('progress');
    expect(progress).toMatchObject({ outcome: 'canceled', acceptedAt: expect.any(String) });
    expect(await accepted).toMatchObject({ acceptedAt: expect.any(String) });
  },
);

it.each([1, 2, 3])(
  'checkNow together with the cancellation of a young joiner costs no workflow task (%i)',
  async (nth) => {
    const jobId = `30${nth}`;
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: STARTING } });
    const joiner = await stage.startWith([{ jobId }]);
    await joiner.cancel();
    await joiner.signal('checkNow').catch(() => undefined);
    await endOf(joiner);
    const { events } = await joiner.fetchHistory();
    const types = events!.map(({ eventType }) => Number(eventType));
    const WORKFLOW_TASK_TIMED_OUT = 8;
    expect(types).not.toContain(WORKFLOW_TASK_TIMED_OUT);
  },
);

// "`timeout`: the whole of it, from start to outcome"; promise 3.
it.concurrent(
  'checkNow again and again does not keep the restart from seeing the job, or from ending',
  async () => {
    stage.simulator.addJob({ jobId: '4', status: 12, timelines: { restart: STARTING } });
    const handle = await stage.start({ jobId: '4', timeout: '30s' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    const slow = {
      jobId: '4',
      operation: 'detail',
      kind: 'delay',
      ms: 1_000,
      when: 'after',
    } as const;
    stage.simulator.fault({ ...slow, times: Infinity });
    stage.simulator.setStatus('4', 8);
    const upAt = Date.now();
    const looking = setInterval(() => void handle.signal('checkNow').catch(() => undefined), 400);
    const ended = endOf(handle);
    await Promise.race([ended, pause(40_000)]);
    const tookMs = Date.now() - upAt;
    clearInterval(looking);
    expect(await ended).toMatchObject({ status: 'completed' });
    // Far from the deadline.
    expect(tookMs).toBeLessThan(15_000);
  },
);
