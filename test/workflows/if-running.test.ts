import { endOf, openStage, path, progressWhen, type End, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 2_500, status: 8 },
];
const restarts = (jobId: string): number =>
  stage.simulator.requests({ jobId, operation: 'restart' }).length;
const stops = (jobId: string): number =>
  stage.simulator.requests({ jobId, operation: 'stop' }).length;

it.concurrent(
  'ifRunning: "attach" completes at once with a job that is up, without a request',
  async () => {
    stage.simulator.addJob({ jobId: '301', status: 8 });
    const end = await stage.restart({ jobId: '301', ifRunning: 'attach' });
    expect(end).toMatchObject({
      status: 'completed',
      outcome: { outcome: 'running', attached: true, transitions: [], before: { code: 8 } },
    });
    expect((end as End & { status: 'completed' }).outcome).not.toHaveProperty('acceptedAt');
    expect(restarts('301')).toBe(0);
  },
);

it.concurrent('ifRunning: "attach" waits for a job that is starting', async () => {
  stage.simulator.addJob({ jobId: '302', status: 7 });
  const handle = await stage.start({ jobId: '302', ifRunning: 'attach' });
  await progressWhen(handle, ({ phase }) => phase === 'waiting');
  stage.simulator.setStatus('302', 8);
  const end = await endOf(handle);
  expect(end).toMatchObject({ status: 'completed', outcome: { attached: true } });
  expect(path((end as End & { status: 'completed' }).outcome)).toEqual(['RUNNING']);
  expect(restarts('302')).toBe(0);
});

it.concurrent('ifRunning: "attach" restarts a job that is down', async () => {
  stage.simulator.addJob({ jobId: '303', status: 11, timelines: { restart: UP } });
  const end = await stage.restart({ jobId: '303', ifRunning: 'attach' });
  expect(end).toMatchObject({ status: 'completed', outcome: { attached: false } });
  expect(restarts('303')).toBe(1);
});

it.concurrent(
  'ifRunning: "attach" joins a job that somebody else started after the look',
  async () => {
    stage.simulator.addJob({ jobId: '304', status: 7 });
    stage.simulator.fault({ jobId: '304', operation: 'detail', kind: 'show-status', status: 12 });
    const handle = await stage.start({ jobId: '304', ifRunning: 'attach' });
    await progressWhen(handle, ({ attached }) => attached);
    stage.simulator.setStatus('304', 8);
    expect(await endOf(handle)).toMatchObject({ status: 'completed', outcome: { attached: true } });
    expect(stage.simulator.acceptedRestarts('304')).toBe(0);
  },
);

it.concurrent(
  'ifRunning: "stop" stops a job that is up, waits until it is down, and restarts it',
  async () => {
    stage.simulator.addJob({ jobId: '311', status: 8, timelines: { restart: UP } });
    const end = await stage.restart({ jobId: '311', ifRunning: 'stop' });
    expect(end).toMatchObject({
      status: 'completed',
      outcome: { outcome: 'running', before: { name: 'RUNNING' }, attached: false },
    });
    expect(path((end as End & { status: 'completed' }).outcome)).toEqual(['WAITING', 'RUNNING']);
    expect([stops('311'), restarts('311')]).toEqual([1, 1]);
  },
);

it.concurrent(
  'ifRunning: "stop" asks for the stop again when its answer is lost and nothing moves',
  async () => {
    stage.simulator.addJob({ jobId: '312', status: 8, timelines: { restart: UP } });
    const lost = stage.simulator.fault({ jobId: '312', operation: 'stop', kind: 'request-lost' });
    const end = await stage.restart({ jobId: '312', ifRunning: 'stop', settleTime: '2s' });
    expect(lost.fired).toBe(1);
    expect(end).toMatchObject({ status: 'completed' });
    expect([stops('312'), restarts('312')]).toEqual([2, 1]);
  },
);

it.concurrent(
  'ifRunning: "stop" ends as refused, without a restart, when the stop is refused for good',
  async () => {
    stage.simulator.addJob({ jobId: '313', status: 8 });
    stage.simulator.fault({
      jobId: '313',
      operation: 'stop',
      kind: 'refuse',
      status: 403,
      code: 'ModelArts.0108',
      message: 'not authorised',
    });
    const end = await stage.restart({ jobId: '313', ifRunning: 'stop' });
    expect(end).toMatchObject({ type: 'ModelArts.0108', outcome: { outcome: 'refused' } });
    expect(restarts('313')).toBe(0);
  },
);

it.concurrent.each(['fail', 'attach', 'stop'] as const)(
  'a job that is going down is waited for before the request with ifRunning "%s"',
  async (ifRunning) => {
    const jobId = String(320 + ['fail', 'attach', 'stop'].indexOf(ifRunning));
    stage.simulator.addJob({ jobId, status: 9, timelines: { restart: UP } });
    const handle = await stage.start({ jobId, ifRunning });
    await progressWhen(handle, ({ last }) => last?.code === 9);
    expect(restarts(jobId)).toBe(0);
    stage.simulator.setStatus(jobId, 12);
    const end = await endOf(handle);
    expect(end).toMatchObject({ status: 'completed', outcome: { before: { name: 'KILLED' } } });
    expect([stops(jobId), restarts(jobId)]).toEqual([0, 1]);
  },
);

it.concurrent.each([0, 6, 99])(
  'an odd status before the request (%i) is asked for all the same: ModelArts decides',
  async (status) => {
    const jobId = `33${status}`;
    stage.simulator.addJob({ jobId, status, timelines: { restart: UP } });
    const end = await stage.restart({ jobId, ifRunning: 'attach' });
    expect(end).toMatchObject({ status: 'completed', outcome: { before: { code: status } } });
    expect(restarts(jobId)).toBe(1);
  },
);

it.concurrent(
  'an undocumented or odd status after the request is recorded and waited through, and so is 9',
  async () => {
    const restart = [99, 9, 0, 6, 8].map((status, index) => ({ afterMs: index * 2_500, status }));
    stage.simulator.addJob({ jobId: '341', status: 12, timelines: { restart } });
    const end = await stage.restart({ jobId: '341' });
    expect(path((end as End & { status: 'completed' }).outcome)).toEqual([
      'UNKNOWN_99',
      'KILLING',
      'UNKNOWN',
      'DELETE_FAILED',
      'RUNNING',
    ]);
  },
);
