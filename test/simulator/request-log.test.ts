import { startSimulator, type Simulator } from '../../simulator/index.js';
import { call, sleep } from './support/client.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(() => simulator.clear());

test('every answer has a request id of its own and a date, and the log knows the id', async () => {
  simulator.addJob({ jobId: '10', status: 8 });
  const answers = [await call(simulator, '/10'), await call(simulator, '/10/restart')];
  const ids = answers.map(({ headers }) => headers.get('x-request-id'));
  expect(new Set(ids).size).toBe(2);
  expect(simulator.requests().map(({ requestId }) => requestId)).toEqual(ids);
  for (const { headers } of answers) expect(Date.parse(headers.get('date')!)).not.toBeNaN();
});

test('the log holds what was sent, secrets included, and is read by job and operation', async () => {
  simulator.addJob({ jobId: '10', status: 12 });
  const before = Date.now();
  await call(simulator, '/10', { headers: { 'X-Auth-Token': 'secret' } });
  await call(simulator, '/10/restart');
  await call(simulator, '?per_page=5');
  expect(simulator.requests({ jobId: '10', operation: 'restart' })).toEqual([
    expect.objectContaining({ method: 'POST', outcome: 200, carriedOut: true, body: '' }),
  ]);
  const [detail] = simulator.requests({ operation: 'detail' });
  expect(detail).toMatchObject({ jobId: '10', outcome: 200, carriedOut: false });
  expect(detail!.headers['x-auth-token']).toBe('secret');
  expect(detail!.at).toBeGreaterThanOrEqual(before);
  expect(simulator.requests({ operation: 'list' })[0]!.path).toMatch(/\?per_page=5$/);
  expect(simulator.requests()).toHaveLength(3);
  simulator.clear();
  expect(simulator.requests()).toEqual([]);
});

test('closing ends requests that are under way', async () => {
  const own = await startSimulator();
  own.addJob({ jobId: '10', status: 12 });
  own.fault({ operation: 'restart', kind: 'hang' });
  own.fault({ operation: 'stop', kind: 'delay', ms: 60_000 });
  const hung = Promise.all([call(own, '/10/restart'), call(own, '/10/stop')]);
  while (own.requests().length < 2) await sleep(5);
  await own.close();
  for (const { failed, status } of await hung) {
    expect(failed).toBe(true);
    expect(status).toBeUndefined();
  }
});
