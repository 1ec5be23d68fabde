import { eventually } from '../setup/stage.js';
import { POLLS, startObservedWorker, type ObservedWorker } from './observed-worker.js';

let observed: ObservedWorker;
beforeAll(async () => {
  observed = await startObservedWorker();
});
afterAll(() => observed.close());

it('is live and ready once it polls Temporal, and says what it is', async () => {
  const { taskQueue, healthAt, health, until } = observed;
  const report = await until('readyz', 200);
  expect(report).toEqual({
    state: 'RUNNING',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    taskQueue,
    lastPoll: expect.stringMatching(/^20\d\d-.*Z$/) as string,
    waits: 0,
    credentials: { from: 'HW_AUTH_TOKEN', usable: true },
    modelarts: {},
  });
  expect(Math.abs(Date.now() - Date.parse(report.lastPoll!))).toBeLessThan(30_000);
  expect(await health('livez')).toMatchObject({ status: 200, report: { state: 'RUNNING' } });
  const other = await fetch(`http://${healthAt}/`);
  expect({ status: other.status, body: await other.text() }).toEqual({ status: 404, body: '' });
  expect((await fetch(`http://${healthAt}/livez`, { method: 'POST' })).status).toBe(405);
});

it('reports in the body that ModelArts is down, and stays ready', async () => {
  const { simulator, health, start } = observed;
  simulator.addJob({ jobId: '14', status: 12 });
  const fault = simulator.fault({
    jobId: '14',
    operation: 'detail',
    kind: 'request-lost',
    times: Infinity,
  });
  const handle = await start('14');
  const down = await eventually(async () => {
    const { status, report } = await health('readyz');
    return report.modelarts?.ok === false ? { status, report } : undefined;
  });
  expect(down.status).toBe(200);
  expect(down.report.modelarts?.lastError?.message).toContain('connection closed');
  expect(fault.fired).toBeGreaterThan(0);
  await handle.terminate();
});

it('is no longer ready once Temporal has been away for 75 s, and is again when it comes back', async () => {
  const { proxy, worker, health, until } = observed;
  for (const poll of POLLS) proxy.interfere(poll, 'silence');
  proxy.cut();
  await until('readyz', 200);
  worker.process.kill('SIGUSR2');
  const report = await until('readyz', 503);
  expect(report).toMatchObject({ state: 'RUNNING', credentials: { usable: true } });
  expect((await health('livez')).status).toBe(200);
  for (const poll of POLLS) proxy.interfere(poll, undefined);
  proxy.cut();
  await until('readyz', 200);
}, 120_000);

it('is live but not ready while it stops', async () => {
  const { simulator, worker, health, until, start } = observed;
  simulator.addJob({ jobId: '15', status: 12 });
  // A stopping worker waits for the answer of a request.
  simulator.fault({ jobId: '15', operation: 'restart', kind: 'delay', ms: 4_000 });
  await start('15');
  await eventually(() =>
    simulator.requests({ jobId: '15', operation: 'restart' }).length > 0 ? true : undefined,
  );
  worker.process.kill('SIGTERM');
  expect(await until('readyz', 503)).toMatchObject({ state: 'STOPPING' });
  expect((await health('livez')).status).toBe(200);
  expect(await worker.ended).toBe(0);
});
