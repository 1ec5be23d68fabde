import { startSimulator, type JobSpec, type Simulator } from '../../simulator/index.js';
import { stopClocks } from '../modelarts/stopped-clocks.js';
import { call, callJson, shownStatus } from './support/client.js';

beforeEach(() => stopClocks());
afterEach(() => jest.useRealTimers());

const pass = (ms: number): unknown => jest.advanceTimersByTime(ms);

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

async function simulatorWith(
  quirks: JobSpec['quirks'] & object,
  ...jobs: JobSpec[]
): Promise<Simulator> {
  const simulator = await startSimulator({ quirks });
  open.push(simulator);
  for (const job of jobs) simulator.addJob(job);
  return simulator;
}

test('the error text is spelled either way', async () => {
  const simulator = await simulatorWith({ errorText: 'error_msg' }, { jobId: '10', status: 8 });
  simulator.addJob({ jobId: '11', status: 8, quirks: { errorText: 'error_message' } });
  const text = "This job can't be resubmit. job status: 8";
  expect((await callJson(simulator, '/10/restart'))['error_msg']).toBe(text);
  expect((await callJson(simulator, '/11/restart'))['error_message']).toBe(text);
});

test('a refusal comes under 200 or under a 4xx', async () => {
  const simulator = await simulatorWith({}, { jobId: '10', status: 8 });
  simulator.addJob({ jobId: '11', status: 8, quirks: { refusalHttpStatus: 400 } });
  const under200 = await call(simulator, '/10/restart');
  const under400 = await call(simulator, '/11/restart');
  expect([under200.status, under400.status]).toEqual([200, 400]);
  expect(under400.text).toBe(under200.text);
});

test('status and id are numbers or strings, in detail and list', async () => {
  const quirks = { statusAs: 'string', jobIdAs: 'string' } as const;
  const simulator = await simulatorWith({}, { jobId: '10', status: 8 });
  simulator.addJob({ jobId: '11', status: 8, quirks });
  expect((await call(simulator, '/10')).text).toMatch(/"job_id":10,.*"status":8,/);
  expect((await call(simulator, '/11')).text).toMatch(/"job_id":"11",.*"status":"8",/);
  const { jobs } = await callJson(simulator, '');
  expect(jobs).toMatchObject([
    { job_id: 10, status: 8 },
    { job_id: '11', status: '8' },
  ]);
});

test('ids beyond 2^53 keep all their digits as numbers', async () => {
  const simulator = await simulatorWith({}, { jobId: '9223372036854775807', status: 8 });
  const detail = await call(simulator, '/9223372036854775807');
  expect(detail.text).toContain('"job_id":9223372036854775807,');
  expect((await call(simulator, '')).text).toContain('"job_id":9223372036854775807,');
});

test('the detail call has an is_success only where it is wanted', async () => {
  const simulator = await simulatorWith({}, { jobId: '10', status: 8 });
  simulator.addJob({ jobId: '11', status: 8, quirks: { isSuccessOnDetail: true } });
  expect(await callJson(simulator, '/10'))['not'].toHaveProperty('is_success');
  expect(await callJson(simulator, '/404'))['not'].toHaveProperty('is_success');
  expect((await callJson(simulator, '/11'))['is_success']).toBe(true);
});

test('old readings are shown for a while after a restart, while the true status moves on', async () => {
  const simulator = await simulatorWith({ staleMs: 150 }, { jobId: '10', status: 12 });
  await call(simulator, '/10/restart');
  expect(await shownStatus(simulator, '10')).toBe(12);
  expect((await callJson(simulator, '?status=12'))['job_total_count']).toBe(1);
  expect(simulator.job('10')).toMatchObject({ status: 7, shownStatus: 12 });
  expect((await call(simulator, '/10/restart')).text).toContain('job status: 7');
  pass(170);
  expect(await shownStatus(simulator, '10')).toBe(7);
});
