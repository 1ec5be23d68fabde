import { startSimulator, type Simulator } from '../../simulator/index.js';
import { stopClocks } from '../modelarts/stopped-clocks.js';
import { call, callJson, shownStatus } from './support/client.js';

beforeEach(() => stopClocks());
afterEach(() => jest.useRealTimers());

const pass = (ms: number): unknown => jest.advanceTimersByTime(ms);

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(() => simulator.clear());

const fast = {
  restart: [
    { afterMs: 0, status: 7 },
    { afterMs: 60, status: 8 },
  ],
  stop: [
    { afterMs: 0, status: 9 },
    { afterMs: 60, status: 12 },
  ],
};

test('an accepted restart takes the job through its timeline to RUNNING', async () => {
  simulator.addJob({ jobId: 10, status: 12, timelines: fast });
  const answer = await call(simulator, '/10/restart');
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toEqual({ is_success: true });
  expect(await shownStatus(simulator, '10')).toBe(7);
  pass(80);
  expect(await shownStatus(simulator, '10')).toBe(8);
  expect(simulator.acceptedRestarts('10')).toBe(1);
});

test('an accepted stop takes the job through its timeline to KILLED', async () => {
  simulator.addJob({ jobId: '10', status: 8, timelines: fast });
  expect((await call(simulator, '/10/stop')).text).toBe('{"is_success":true}');
  expect(await shownStatus(simulator, '10')).toBe(9);
  pass(80);
  expect(simulator.job('10')).toMatchObject({ status: 12, stopsAccepted: 1, restartsAccepted: 0 });
});

test.each([1, 2, 4, 7, 8, 9, 15, 18, 19, 20])('a job in %i refuses a restart', async (status) => {
  simulator.addJob({ jobId: '10', status });
  expect(await callJson(simulator, '/10/restart'))['toEqual']({
    is_success: false,
    error_code: 'ModelArts.0105',
    error_message: `This job can't be resubmit. job status: ${status}`,
  });
  expect(simulator.acceptedRestarts('10')).toBe(0);
});

test.each([0, 3, 5, 6, 10, 11, 12, 13, 14, 16, 17, 21, 99])(
  'a job in %i takes a restart and refuses a stop',
  async (status) => {
    simulator.addJob({ jobId: '10', status });
    expect(await callJson(simulator, '/10/stop'))['toEqual']({
      is_success: false,
      error_code: 'ModelArts.0105',
      error_message: `This job can't be stop. job status: ${status}`,
    });
    expect((await call(simulator, '/10/restart')).text).toBe('{"is_success":true}');
    expect(simulator.acceptedRestarts('10')).toBe(1);
  },
);

test('a restarted job that has not moved yet refuses a stop and takes a second restart', async () => {
  simulator.addJob({ jobId: '10', status: 12 });
  simulator.setTimeline('10', 'restart', [{ afterMs: 60_000, status: 7 }]);
  await call(simulator, '/10/restart');
  expect((await call(simulator, '/10/stop')).text).toContain('job status: 12');
  await call(simulator, '/10/restart');
  expect(simulator.acceptedRestarts('10')).toBe(2);
});

test('somebody who moves the job ends the timeline that runs', async () => {
  simulator.addJob({ jobId: '10', status: 12, timelines: fast });
  await call(simulator, '/10/restart');
  simulator.setStatus('10', 13);
  pass(80);
  expect(await shownStatus(simulator, '10')).toBe(13);
});

test('the job is served at an address only while it is up', async () => {
  simulator.addJob({ jobId: '10', status: 8 });
  expect((await callJson(simulator, '/10'))['service_url']).toMatch(
    /^https:\/\/console\.example\.com\/modelarts\/tensorboard\/[0-9a-f]{16}\/10\/$/,
  );
  simulator.setStatus('10', 12);
  expect((await callJson(simulator, '/10'))['service_url']).toBe('');
});

test('a job that is not there, or is another project’s, is a 404 of ModelArts', async () => {
  const other = 'f'.repeat(32);
  simulator.addJob({ jobId: '20', status: 8, projectId: other });
  for (const what of ['/404', '/20', '/20/restart']) {
    const answer = await call(simulator, what);
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('"error_code":"ModelArts.0015"');
  }
  expect((await call(simulator, '/20', { projectId: other })).status).toBe(200);
});

test('a wrong project, path or method is a 404 of the gateway', async () => {
  for (const [what, init] of [
    ['/10', { projectId: 'a'.repeat(32) }],
    ['/10/resubmit', {}],
    ['/10/', {}],
    ['/10', { method: 'POST' }],
    ['/10/restart', { method: 'GET' }],
  ] as const) {
    const answer = await call(simulator, what, init);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text)).toEqual({
      error_code: 'APIGW.0101',
      error_msg: expect.any(String),
      request_id: answer.headers.get('x-request-id'),
    });
  }
});

test('nonsense is refused when it is set up, not when it is used', () => {
  expect(() => simulator.addJob({ jobId: 2 ** 53, status: 8 })).toThrow(TypeError);
  expect(() => simulator.addJob({ jobId: 'ten', status: 8 })).toThrow(TypeError);
  expect(() => simulator.addJob({ jobId: '1', status: NaN })).toThrow(TypeError);
  expect(() => simulator.job('12345')).toThrow('no job 12345');
  simulator.addJob({ jobId: '1', status: 8 });
  const steps = [
    { afterMs: 10, status: 7 },
    { afterMs: 5, status: 8 },
  ];
  expect(() => simulator.setTimeline('1', 'restart', steps)).toThrow('rising afterMs');
  expect(() => simulator.fault({ kind: 'oops', operation: 'stop' } as never)).toThrow(TypeError);
});
