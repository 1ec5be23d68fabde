import type { FaultSpec } from '../../simulator/index.js';
import {
  endOf,
  eventually,
  openStage,
  path,
  progressWhen,
  type End,
  type Stage,
} from '../setup/stage.js';

let stage: Stage;
/** Where an answer may be late, so that the number of looks does not depend on how busy the machine is. */
let patient: Stage;
beforeAll(async () => {
  [stage, patient] = await Promise.all([openStage(), openStage({ requestTimeoutMs: 10_000 })]);
});
afterAll(() => Promise.all([stage.close(), patient.close()]));

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 1_500, status: 8 },
];

const faults: Partial<FaultSpec>[] = [
  { kind: 'request-lost' },
  { kind: 'hang' },
  { kind: 'cut-off-body' },
  { kind: 'html', status: 502, carriedOut: false },
  { kind: 'status', status: 500, when: 'before' },
  { kind: 'raw', status: 200, body: '{"status":"eight"}', carriedOut: false },
];

/** It holds back all of the project's requests, so it comes while no other test runs. */
const throttle: Partial<FaultSpec> = { kind: 'throttle', text: 'slow down' };

async function expectLookAgain(fault: Partial<FaultSpec>, jobId: string): Promise<void> {
  stage.simulator.addJob({ jobId, status: 12, timelines: { restart: UP } });
  const before = { ...fault, jobId, operation: 'detail', times: 1 } as FaultSpec;
  const after = { ...before, after: 1 } as FaultSpec;
  const [first, second] = [stage.simulator.fault(before), stage.simulator.fault(after)];
  expect(await stage.restart({ jobId })).toMatchObject({ status: 'completed' });
  expect([first.fired, second.fired]).toEqual([1, 1]);
  expect(stage.simulator.requests({ jobId, operation: 'restart' })).toHaveLength(1);
}

it.concurrent.each(faults)(
  'a look that gets no usable answer (%o) is made again, and ends nothing',
  (fault) => expectLookAgain(fault, String(600 + faults.indexOf(fault))),
);

it('a look that gets no usable answer (throttled) is made again, and ends nothing', () =>
  expectLookAgain(throttle, '609'));

it.concurrent(
  'a look that gets no usable answer is shown after 15 seconds, before the first look and while it waits, until looks work again',
  async () => {
    stage.simulator.addJob({ jobId: '612', status: 12, timelines: { restart: UP } });
    const lost = { jobId: '612', operation: 'detail', kind: 'request-lost' } as const;
    const fault = stage.simulator.fault({ ...lost, times: 8 });
    const handle = await stage.start({ jobId: '612', timeout: '60s' });
    const { error, phase } = await progressWhen(handle, (now) => now.error !== undefined, 25_000);
    expect(phase).toBe('checking');
    expect(error!.message).toContain(new URL(stage.simulator.url).host);
    const end = await endOf(handle);
    expect(fault.fired).toBe(8);
    expect(end).toMatchObject({ status: 'completed' });
    expect((end as End & { status: 'completed' }).outcome).not.toHaveProperty('error');
  },
);

it('a look that gets no usable answer until the deadline ends as timed-out, without a request and without `before`', async () => {
  stage.simulator.addJob({ jobId: '611', status: 12 });
  const always = {
    jobId: '611',
    operation: 'detail',
    kind: 'request-lost',
    times: Infinity,
  } as const;
  stage.simulator.fault(always);
  const end = (await stage.restart({ jobId: '611', timeout: '3s' })) as End & {
    status: 'failed';
  };
  expect(end).toMatchObject({ type: 'RestartTimedOut', outcome: { error: expect.anything() } });
  expect(end.outcome).not.toHaveProperty('before');
  expect(stage.simulator.requests({ jobId: '611', operation: 'restart' })).toHaveLength(0);
  const looks = stage.simulator.requests({ jobId: '611', operation: 'detail' });
  expect(looks.at(-1)!.at).toBeGreaterThanOrEqual(Date.parse(end.outcome!.startedAt) + 3_000);
});

it.concurrent(
  'the last look is at the deadline, also when an earlier one was answered after it',
  async () => {
    const restart = [
      { afterMs: 0, status: 1 },
      { afterMs: 2_000, status: 7 },
    ];
    patient.simulator.addJob({ jobId: '613', status: 12, timelines: { restart } });
    const delay = { kind: 'delay', ms: 7_000, when: 'after' } as const;
    const third = { jobId: '613', operation: 'detail', after: 2 } as const;
    const slow = patient.simulator.fault({ ...third, ...delay });
    const input = { jobId: '613', timeout: '9500ms', pollInterval: '3s' } as const;
    const handle = await patient.start(input);
    // Comes up after the late answer was made, and long before the deadline.
    await eventually(() => slow.fired === 1 || undefined);
    patient.simulator.setStatus('613', 8);
    const end = await endOf(handle);
    expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'running' } });
    expect(path((end as End & { status: 'completed' }).outcome)).toEqual([
      'INIT',
      'WAITING',
      'RUNNING',
    ]);
  },
);

const forbidden = {
  kind: 'refuse',
  status: 403,
  code: 'ModelArts.0108',
  message: 'no',
  times: Infinity,
} as const;

it.concurrent('a look that is refused for good before the request ends as refused', async () => {
  stage.simulator.addJob({ jobId: '621', status: 12 });
  stage.simulator.fault({ jobId: '621', operation: 'detail', ...forbidden });
  expect(await stage.restart({ jobId: '621' })).toMatchObject({
    type: 'ModelArts.0108',
    outcome: { outcome: 'refused', error: { httpStatus: 403 } },
  });
  expect(stage.simulator.requests({ jobId: '621', operation: 'restart' })).toHaveLength(0);
});

it.concurrent(
  'a look that is refused for good after the request ends as unknown, with the error',
  async () => {
    patient.simulator.addJob({ jobId: '622', status: 12, timelines: { restart: UP } });
    patient.simulator.fault({ jobId: '622', operation: 'detail', after: 1, ...forbidden });
    expect(await patient.restart({ jobId: '622' })).toMatchObject({
      type: 'RestartUnknown',
      outcome: { error: { code: 'ModelArts.0108' } },
    });
  },
);

it.concurrent(
  'a look that is refused for good by a redirect is not followed, and named by its HTTP status',
  async () => {
    patient.simulator.addJob({ jobId: '623', status: 12 });
    const location = `${patient.simulator.url}/elsewhere`;
    patient.simulator.fault({ jobId: '623', operation: 'detail', kind: 'redirect', location });
    expect(await patient.restart({ jobId: '623' })).toMatchObject({ type: 'HTTP302' });
    expect(patient.simulator.requests({ jobId: '623' })).toHaveLength(1);
  },
);

it.concurrent(
  'a look that is refused for good for an unknown job is a refusal with ModelArts’ code',
  async () => {
    expect(await stage.restart({ jobId: '624' })).toMatchObject({ type: 'ModelArts.0015' });
  },
);

it.concurrent('404 on a look after one that succeeded is waited through', async () => {
  stage.simulator.addJob({ jobId: '631', status: 12, timelines: { restart: UP } });
  const gone = stage.simulator.fault({
    jobId: '631',
    operation: 'detail',
    kind: 'not-found',
    after: 1,
  });
  expect(await stage.restart({ jobId: '631' })).toMatchObject({ status: 'completed' });
  expect(gone.fired).toBe(1);
});

it.concurrent(
  '404 on a look after one that succeeded that stays for settleTime ends as unknown',
  async () => {
    patient.simulator.addJob({ jobId: '632', status: 12, timelines: { restart: UP } });
    const fault = {
      jobId: '632',
      operation: 'detail',
      kind: 'not-found',
      times: Infinity,
    } as const;
    patient.simulator.fault({ ...fault, after: 1 });
    const end = await patient.restart({ jobId: '632', settleTime: '3s' });
    expect(end).toMatchObject({ type: 'RestartUnknown', outcome: { error: { httpStatus: 404 } } });
    expect(
      patient.simulator.requests({ jobId: '632', operation: 'detail' }).length,
    ).toBeGreaterThan(3);
  },
);

const eventCount = async (jobId: string, afterMs: number): Promise<number> => {
  const restart = [
    { afterMs: 0, status: 7 },
    { afterMs, status: 8 },
  ];
  stage.simulator.addJob({ jobId, status: 12, timelines: { restart } });
  const handle = await stage.start({ jobId, timeout: '2m' });
  expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  return (await handle.fetchHistory()).events!.length;
};

it.concurrent(
  'the history of KILLED → WAITING → RUNNING has 29 events and 2 for search attributes, the same for 3s and 30s',
  async () => {
    const counts = await Promise.all([eventCount('641', 3_000), eventCount('642', 30_000)]);
    expect(counts).toEqual([31, 31]);
  },
);

it.concurrent('the history holds no credential, and neither does the outcome', async () => {
  stage.simulator.addJob({ jobId: '643', status: 12 });
  // A service that echoes what it was sent.
  const body = JSON.stringify({
    error_code: 'X.1',
    error_msg: 'TESTACCESSKEY SecretKeyCanaryOfTheTests',
  });
  stage.simulator.fault({
    jobId: '643',
    operation: 'restart',
    kind: 'raw',
    status: 400,
    body,
    carriedOut: false,
  });
  const handle = await stage.start({ jobId: '643' });
  expect(await endOf(handle)).toMatchObject({ type: 'X.1' });
  const history = JSON.stringify(await handle.fetchHistory(), (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
  expect(history).toContain('643');
  expect(history).not.toMatch(/TESTACCESSKEY|CanaryOfTheTests|SDK-HMAC/);
});

it('the history of a change is written within the interval and one exchange', async () => {
  stage.simulator.addJob({
    jobId: '644',
    status: 12,
    timelines: { restart: [{ afterMs: 0, status: 7 }] },
  });
  const handle = await stage.start({ jobId: '644', pollInterval: '2s' });
  await progressWhen(handle, ({ last }) => last?.code === 7);
  const changedAt = Date.now();
  stage.simulator.setStatus('644', 8);
  const end = (await endOf(handle)) as End & { status: 'completed' };
  const seenAt = Date.parse(end.outcome.transitions.at(-1)!.at);
  // An exchange may take 1.5 s.
  expect(seenAt - changedAt).toBeLessThanOrEqual(3_500);
});
