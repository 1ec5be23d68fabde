import type { Fault, FaultSpec } from '../../simulator/index.js';
import { openStage, path, type End, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 2_500, status: 8 },
];

/** Every way in which an answer can be lost; `taken`: ModelArts had carried the request out. */
const LOST: [name: string, taken: boolean, fault: Fault][] = [
  ['the request', false, { kind: 'request-lost' }],
  ['the answer', true, { kind: 'answer-lost' }],
  ['half of the body by a reset', true, { kind: 'reset-mid-body' }],
  ['half of the body by a cut', true, { kind: 'cut-off-body' }],
  ['the whole body', true, { kind: 'empty-body' }],
  ['the JSON to a proxy’s page', true, { kind: 'html', status: 200, carriedOut: true }],
  ['the time, before it was done', false, { kind: 'hang' }],
  ['the time, after it was done', true, { kind: 'hang', carriedOut: true }],
  ['the time, in the body', true, { kind: 'hang-mid-body' }],
  ...[408, 500, 502, 503, 504].flatMap((status): typeof LOST => [
    [`a ${status} before it was done`, false, errorAnswer(status, 'before')],
    [`a ${status} after it was done`, true, errorAnswer(status, 'after')],
  ]),
];

/** 503 with a code that does not tell whether it was done, unlike the gateway's own APIGW.0613. */
function errorAnswer(status: number, when: 'before' | 'after'): Fault {
  const code = status === 503 ? { code: 'ModelArts.4302' } : {};
  return { kind: 'status', status, when, ...code };
}

it.concurrent.each(LOST)(
  'a lost answer (%s) never makes a second request',
  async (_, taken, fault) => {
    const index = LOST.findIndex((row) => row[2] === fault);
    const jobId = String(2_000 + index);
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: UP } });
    const struck = stage.simulator.fault({ ...fault, jobId, operation: 'restart' } as FaultSpec);
    const end = await stage.restart({ jobId });
    expect(struck.fired).toBe(1);
    expect(stage.simulator.requests({ jobId, operation: 'restart' })).toHaveLength(1);
    expect(stage.simulator.acceptedRestarts(jobId)).toBe(taken ? 1 : 0);
    if (taken) {
      expect(end).toMatchObject({
        status: 'completed',
        outcome: { outcome: 'running', acceptedAt: expect.any(String), attached: false },
      });
    } else {
      expect(end).toMatchObject({ status: 'failed', type: 'RestartUnknown' });
    }
  },
);

it.concurrent(
  'a lost answer is `unknown` at once where the job was up before, since nothing could tell',
  async () => {
    stage.simulator.addJob({ jobId: '2101', status: 8 });
    const lost = stage.simulator.fault({
      jobId: '2101',
      operation: 'restart',
      kind: 'answer-lost',
    });
    const end = await stage.restart({ jobId: '2101', settleTime: '10m' });
    expect(lost.fired).toBe(1);
    expect(end).toMatchObject({ type: 'RestartUnknown', outcome: { before: { code: 8 } } });
  },
);

it.concurrent('a lost answer counts as accepted when the job moved anywhere else', async () => {
  stage.simulator.addJob({
    jobId: '2102',
    status: 12,
    timelines: { restart: [{ afterMs: 0, status: 5 }] },
  });
  stage.simulator.fault({ jobId: '2102', operation: 'restart', kind: 'answer-lost' });
  expect(await stage.restart({ jobId: '2102' })).toMatchObject({ type: 'RestartFailed' });
});

it.concurrent('a lost answer is `unknown` at a deadline that comes before settleTime', async () => {
  stage.simulator.addJob({ jobId: '2103', status: 12 });
  stage.simulator.fault({ jobId: '2103', operation: 'restart', kind: 'request-lost' });
  const end = await stage.restart({ jobId: '2103', timeout: '5s', settleTime: '10m' });
  expect(end).toMatchObject({ type: 'RestartUnknown' });
});

const input = { ifUnknown: 'repeat', settleTime: '1s' } as const;

it.concurrent('"repeat" asks once more when nothing moved, and is taken then', async () => {
  stage.simulator.addJob({ jobId: '2201', status: 12, timelines: { restart: UP } });
  stage.simulator.fault({ jobId: '2201', operation: 'restart', kind: 'request-lost' });
  const end = await stage.restart({ jobId: '2201', ...input });
  expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'running' } });
  expect(stage.simulator.requests({ jobId: '2201', operation: 'restart' })).toHaveLength(2);
  expect(stage.simulator.acceptedRestarts('2201')).toBe(1);
});

it.concurrent(
  '"repeat" takes a ModelArts.0105 with a starting status for a sign that the first one had worked',
  async () => {
    // Readings stay old for longer than settleTime, so nothing seems to have moved.
    stage.simulator.addJob({
      jobId: '2202',
      status: 12,
      timelines: { restart: UP },
      quirks: { staleMs: 2_500 },
    });
    stage.simulator.fault({ jobId: '2202', operation: 'restart', kind: 'answer-lost' });
    const end = await stage.restart({ jobId: '2202', ...input, settleTime: '1500ms' });
    expect(end).toMatchObject({
      status: 'completed',
      outcome: { outcome: 'running', acceptedAt: expect.any(String) },
    });
    expect(stage.simulator.acceptedRestarts('2202')).toBe(1);
  },
);

it.concurrent(
  '"repeat" ends as `unknown`, not as `refused`, when the second one is refused for another reason',
  async () => {
    stage.simulator.addJob({ jobId: '2203', status: 12 });
    stage.simulator.fault({ jobId: '2203', operation: 'restart', kind: 'request-lost' });
    const refused = stage.simulator.fault({
      jobId: '2203',
      operation: 'restart',
      kind: 'refuse',
      status: 403,
      code: 'ModelArts.0108',
      message: 'not authorised',
    });
    const end = await stage.restart({ jobId: '2203', ...input });
    expect(refused.fired).toBe(1);
    expect(end).toMatchObject({
      type: 'RestartUnknown',
      outcome: { outcome: 'unknown', error: { code: 'ModelArts.0108' } },
    });
  },
);

it.concurrent('"repeat" asks no third time when the second answer is lost too', async () => {
  stage.simulator.addJob({ jobId: '2204', status: 12 });
  const lost = stage.simulator.fault({
    jobId: '2204',
    operation: 'restart',
    kind: 'request-lost',
    times: Infinity,
  });
  expect(await stage.restart({ jobId: '2204', ...input })).toMatchObject({
    type: 'RestartUnknown',
  });
  expect(lost.fired).toBe(2);
});

describe('an answer that comes before anything is done', () => {
  it.each([
    ['a 429 of the gateway', { kind: 'throttle', text: 'slow down' }],
    ['a 429 with Retry-After', { kind: 'throttle', text: 'slow down', retryAfter: 2 }],
    [
      'a 503 of the gateway’s IAM',
      { kind: 'status', status: 503, code: 'APIGW.0613', when: 'before' },
    ],
  ] as [string, Fault][])('(%s) is asked again, after a fresh look', async (name, fault) => {
    const jobId = `23${name.length}`;
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: UP } });
    const struck = stage.simulator.fault({ ...fault, jobId, operation: 'restart' } as FaultSpec);
    const end = await stage.restart({ jobId });
    expect(struck.fired).toBe(1);
    expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'running' } });
    const log = stage.simulator.requests({ jobId }).map(({ operation }) => operation);
    expect(log.slice(0, 4)).toEqual(['detail', 'restart', 'detail', 'restart']);
    expect(stage.simulator.acceptedRestarts(jobId)).toBe(1);
    const [first, second] = stage.simulator.requests({ jobId, operation: 'restart' });
    const waited = second!.at - first!.at;
    expect(waited).toBeGreaterThanOrEqual(name.includes('Retry-After') ? 2_000 : 700);
  });

  it.concurrent('ends as timed-out at the deadline when Retry-After lies beyond it', async () => {
    // On a stage of its own: it holds back the restarts of other jobs for minutes.
    const alone = await openStage();
    alone.simulator.addJob({ jobId: '2310', status: 12 });
    const fault = {
      kind: 'throttle',
      text: 'slow down',
      retryAfter: 3_600,
      times: Infinity,
    } as const;
    alone.simulator.fault({ ...fault, jobId: '2310', operation: 'restart' });
    const end = (await alone.restart({ jobId: '2310', timeout: '3s' })) as End & {
      status: 'failed';
    };
    const requests = alone.simulator.requests({ jobId: '2310', operation: 'restart' });
    await alone.close();
    expect(end).toMatchObject({
      type: 'RestartTimedOut',
      outcome: { error: { code: 'APIGW.0308', httpStatus: 429 } },
    });
    const { startedAt, endedAt } = end.outcome!;
    expect(Date.parse(endedAt) - Date.parse(startedAt)).toBeLessThan(20_000);
    expect(requests).toHaveLength(1);
  });
});

it.concurrent('an old reading of the status before is not taken for the end', async () => {
  stage.simulator.addJob({
    jobId: '2401',
    status: 11,
    timelines: { restart: UP },
    quirks: { staleMs: 1_500 },
  });
  const end = await stage.restart({ jobId: '2401', settleTime: '5s' });
  expect(end).toMatchObject({ status: 'completed', outcome: { before: { code: 11 } } });
});

it.concurrent('an old reading in between is told by a second look, no transition', async () => {
  const restart = [
    { afterMs: 0, status: 7 },
    { afterMs: 3_500, status: 8 },
  ];
  stage.simulator.addJob({ jobId: '2402', status: 12, timelines: { restart } });
  // The first look before the request, then WAITING, then one stale KILLED.
  const stale = stage.simulator.fault({
    jobId: '2402',
    operation: 'detail',
    kind: 'show-status',
    status: 12,
    after: 2,
  });
  const end = await stage.restart({ jobId: '2402', settleTime: '10s' });
  expect(stale.fired).toBe(1);
  expect(end).toMatchObject({ status: 'completed' });
  expect(path((end as End & { status: 'completed' }).outcome)).toEqual(['WAITING', 'RUNNING']);
});

it.concurrent('one old reading from before the first look is no transition either', async () => {
  // The job was KILLING before the first look, and one look after the request shows that again.
  const restart = [
    { afterMs: 3_500, status: 7 },
    { afterMs: 4_500, status: 8 },
  ];
  stage.simulator.addJob({ jobId: '2404', status: 12, timelines: { restart } });
  const old = { jobId: '2404', kind: 'show-status', status: 9 } as const;
  const stale = stage.simulator.fault({ ...old, operation: 'detail', after: 2 });
  const end = await stage.restart({ jobId: '2404', settleTime: '10s' });
  expect(stale.fired).toBe(1);
  expect(end).toMatchObject({ status: 'completed' });
  expect(path((end as End & { status: 'completed' }).outcome)).toEqual(['WAITING', 'RUNNING']);
});

it.concurrent(
  'an old reading that is a real return counts once the second look shows it too',
  async () => {
    const restart = [
      { afterMs: 0, status: 7 },
      { afterMs: 1_500, status: 12 },
    ];
    stage.simulator.addJob({ jobId: '2403', status: 12, timelines: { restart } });
    const end = await stage.restart({ jobId: '2403', settleTime: '30s' });
    expect(end).toMatchObject({ type: 'JobStopped' });
    expect(path((end as End & { status: 'failed' }).outcome)).toEqual(['WAITING', 'KILLED']);
  },
);
