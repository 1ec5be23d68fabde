import { startSimulator, type Simulator } from '../../simulator/index.js';
import { call, callJson, shownStatus } from './support/client.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.clear();
  simulator.addJob({ jobId: '10', status: 12 });
  simulator.addJob({ jobId: '11', status: 12 });
});

async function statuses(...calls: string[]): Promise<unknown[]> {
  const seen = [];
  for (const what of calls) seen.push((await call(simulator, what)).status);
  return seen;
}

test('a fault strikes its operation and job only, and once unless told otherwise', async () => {
  const fault = simulator.fault({ operation: 'detail', jobId: '10', kind: 'not-found' });
  expect(await statuses('/11', '/10/stop', '', '/10', '/10')).toEqual([200, 200, 200, 404, 200]);
  expect(fault.fired).toBe(1);
});

test('a fault without a job strikes every job, as often as told', async () => {
  const fault = simulator.fault({ operation: 'detail', kind: 'not-found', times: 3 });
  expect(await statuses('/10', '/11', '/10', '/11')).toEqual([404, 404, 404, 200]);
  expect(fault.fired).toBe(3);
});

test('a fault for always strikes until it is removed', async () => {
  const fault = simulator.fault({ operation: 'detail', kind: 'not-found', times: Infinity });
  expect(await statuses('/10', '/10', '/10')).toEqual([404, 404, 404]);
  fault.remove();
  expect(await statuses('/10')).toEqual([200]);
});

test('of several faults the first with times left wins, and the others wait', async () => {
  simulator.fault({ operation: 'detail', kind: 'not-found' });
  const second = simulator.fault({
    operation: 'detail',
    kind: 'status',
    status: 500,
    when: 'after',
  });
  expect(await statuses('/10')).toEqual([404]);
  expect(second.fired).toBe(0);
  expect(await statuses('/10', '/10')).toEqual([500, 200]);
});

test('`after` counts every matching request, also those that another fault struck', async () => {
  simulator.fault({ operation: 'detail', jobId: '10', kind: 'throttle' });
  simulator.fault({ operation: 'detail', jobId: '10', kind: 'not-found', after: 2 });
  expect(await statuses('/10', '/11', '/10', '/10', '/10')).toEqual([429, 200, 200, 404, 200]);
});

test('a shown status is a reading: the true one is unchanged, and a stop goes by that', async () => {
  const fault = simulator.fault({ operation: 'detail', kind: 'show-status', status: 8 });
  expect(await shownStatus(simulator, '10')).toBe(8);
  expect((await call(simulator, '/10/stop')).text).toContain('job status: 12');
  expect(await shownStatus(simulator, '10')).toBe(12);
  expect(fault.fired).toBe(1);
  expect(simulator.requests()[0]!.fault).toBe('show-status');
  expect(() =>
    simulator.fault({ operation: 'stop', kind: 'show-status', status: 8 } as never),
  ).toThrow('Only detail and list show a status');
});

test('on the list each job can show a status of its own, beside another fault', async () => {
  const on = { operation: 'list', kind: 'show-status' } as const;
  const faults = [
    simulator.fault({ ...on, jobId: '10', status: 99 }),
    simulator.fault({ ...on, jobId: '11', status: 8 }),
    simulator.fault({ operation: 'list', kind: 'delay', ms: 1 }),
  ];
  const { jobs } = await callJson(simulator, '');
  expect(jobs).toMatchObject([
    { job_id: 10, status: 99, service_url: '' },
    { job_id: 11, status: 8, service_url: expect.stringContaining('/11/') },
  ]);
  expect(faults.map(({ fired }) => fired)).toEqual([1, 1, 1]);
});

test('a fault of the list with a job strikes only pages that show the job', async () => {
  const fault = simulator.fault({ operation: 'list', jobId: '11', kind: 'not-found' });
  expect(await statuses('?per_page=1', '?per_page=1&page=2')).toEqual([200, 404]);
  expect(fault.fired).toBe(1);
});
