import { endOf, openStage, progressWhen, type End, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const CHANGES_IN_FULL = 200;

it('a job that changes without end can’t fill the history: after 200 changes only what decides counts', async () => {
  stage.simulator.addJob({
    jobId: '540',
    status: 12,
    timelines: { restart: [{ afterMs: 0, status: 7 }] },
  });
  const handle = await stage.start({ jobId: '540', pollInterval: '10m', timeout: '1h' });
  const becomes = (code: number) => progressWhen(handle, ({ last }) => last?.code === code);
  await becomes(7);
  for (let change = 1; change < CHANGES_IN_FULL; change += 1) {
    const code = change % 2 === 0 ? 7 : 1;
    stage.simulator.setStatus('540', code);
    await handle.signal('checkNow');
    await becomes(code);
  }
  const { historyLength } = await handle.describe();

  const looks = () => stage.simulator.requests({ jobId: '540', operation: 'detail' }).length;
  const before = looks();
  stage.simulator.setStatus('540', 7);
  await handle.signal('checkNow');
  while (looks() === before) await new Promise((r) => setTimeout(r, 5));
  stage.simulator.setStatus('540', 8);
  await handle.signal('checkNow');
  const end = (await endOf(handle)) as End & { status: 'completed' };
  expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'running' } });
  const { transitions } = end.outcome;
  expect(transitions).toHaveLength(100);
  expect(transitions.slice(-2).map(({ name }) => name)).toEqual(['INIT', 'RUNNING']);
  expect((await handle.describe()).historyLength).toBeLessThan(historyLength + 40);
});
