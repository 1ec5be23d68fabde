import type { RestartInput } from '../../src/domain/options.js';
import { endOf, eventually, openStage, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [{ afterMs: 0, status: 7 }];
const requests = (jobId: string, operation: 'restart' | 'stop' | 'detail'): number =>
  stage.simulator.requests({ jobId, operation }).length;

/** Cancels while no worker is there, so that the look's answer and the cancellation come together. */
async function cancelWithTheFirstLook(
  jobId: string,
  status: number,
  input: Partial<Omit<RestartInput, 'jobId'>> = {},
): Promise<void> {
  stage.simulator.addJob({ jobId, status, timelines: { restart: UP } });
  const slow = { jobId, operation: 'detail', kind: 'delay', ms: 700, when: 'after' } as const;
  const delay = stage.simulator.fault(slow);
  const handle = await stage.start({ jobId, ...input });
  await eventually(() => (requests(jobId, 'detail') > 0 ? true : undefined));
  await stage.replaceWorker(async () => void (await handle.cancel()));
  expect(await endOf(handle)).toEqual({ status: 'canceled' });
  expect(delay.fired).toBe(1);
  const { events } = await handle.fetchHistory();
  const types = events!.map(({ eventType }) => Number(eventType));
  const [COMPLETED, CANCEL_REQUESTED, TASK_STARTED] = [12, 20, 6];
  // Both were there before the workflow's next task began.
  const both = Math.max(types.indexOf(COMPLETED), types.indexOf(CANCEL_REQUESTED));
  expect(types.indexOf(TASK_STARTED, types.indexOf(TASK_STARTED) + 1)).toBeGreaterThan(both);
}

it('no restart is asked for where the look’s answer and the cancellation come together', async () => {
  await cancelWithTheFirstLook('1101', 12);
  expect(requests('1101', 'restart')).toBe(0);
});

it('no stop is asked for where the look’s answer and the cancellation come together', async () => {
  await cancelWithTheFirstLook('1102', 8, { ifRunning: 'stop', onCancel: 'stop' });
  expect([requests('1102', 'stop'), requests('1102', 'restart')]).toEqual([0, 0]);
});

it('checkNow during a pause has a look made, and the pause goes on', async () => {
  stage.simulator.addJob({ jobId: '1104', status: 12, timelines: { restart: UP } });
  const throttle = {
    jobId: '1104',
    operation: 'restart',
    kind: 'throttle',
    text: 'slow down',
  } as const;
  const throttled = stage.simulator.fault({ ...throttle, times: Infinity });
  const handle = await stage.start({ jobId: '1104', timeout: '20s' });
  await eventually(() => (throttled.fired >= 3 ? true : undefined));
  const before = requests('1104', 'detail');
  await handle.signal('checkNow');
  // The pause by now is longer than this test waits.
  await eventually(() => (requests('1104', 'detail') > before ? true : undefined));
  expect(throttled.fired).toBe(3);
  await handle.cancel();
  await endOf(handle);
});
