import { setTimeout as pause } from 'node:timers/promises';
import {
  endOf,
  eventually,
  openStage,
  progressWhen,
  type End,
  type Stage,
} from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 500, status: 8 },
];
const STARTING = [{ afterMs: 0, status: 7 }];
const requests = (jobId: string, operation: 'restart' | 'stop' | 'detail') =>
  stage.simulator.requests({ jobId, operation });
const at = (end: End): number => Date.parse((end as End & { status: 'completed' }).outcome.endedAt);

// "`timeout` runs from the workflow's start, also while no worker listens."
it('sends nothing where the timeout passed while no worker listened', async () => {
  const away = await openStage();
  try {
    away.simulator.addJob({ jobId: '1', status: 12, timelines: { restart: UP } });
    let handle!: Awaited<ReturnType<Stage['start']>>;
    await away.replaceWorker(async () => {
      handle = await away.start({ jobId: '1', timeout: '2s' });
      await pause(6_000);
    });
    const end = await endOf(handle);
    const { startTime } = await handle.describe();
    expect(away.simulator.requests({ jobId: '1', operation: 'restart' })).toHaveLength(0);
    expect(end).toMatchObject({ type: 'RestartTimedOut' });
    expect((end as { outcome: { startedAt: string } }).outcome.startedAt).toBe(
      startTime.toISOString(),
    );
  } finally {
    await away.close();
  }
});

// Promise 3: "Each status change is detected within `pollInterval` plus one exchange".
it.concurrent('extendDeadline during a look does not hide the change that it shows', async () => {
  stage.simulator.addJob({ jobId: '2', status: 12, timelines: { restart: STARTING } });
  const handle = await stage.start({ jobId: '2', pollInterval: '6s', timeout: '1m' });
  await progressWhen(handle, ({ last }) => last?.code === 7);
  const before = requests('2', 'detail').length;
  const slow = {
    jobId: '2',
    operation: 'detail',
    kind: 'delay',
    ms: 1_200,
    when: 'after',
  } as const;
  stage.simulator.fault(slow);
  stage.simulator.setStatus('2', 8);
  const upAt = Date.now();
  // The look that sees it is under way, and the deadline is moved meanwhile.
  await eventually(() => (requests('2', 'detail').length > before ? true : undefined));
  await handle.executeUpdate('extendDeadline', { args: [{ timeout: '2m' }] });
  const end = await endOf(handle);
  expect(end).toMatchObject({ status: 'completed' });
  expect(at(end) - upAt).toBeLessThan(6_000 + 1_500 + 500);
});

// "Signal `checkNow` → look at once."
it.concurrent('checkNow is not lost where the deadline is moved a moment later', async () => {
  stage.simulator.addJob({ jobId: '3', status: 12, timelines: { restart: STARTING } });
  const handle = await stage.start({ jobId: '3', pollInterval: '10m', timeout: '1h' });
  await progressWhen(handle, ({ last }) => last?.code === 7);
  stage.simulator.setStatus('3', 8);
  const slow = {
    jobId: '3',
    operation: 'detail',
    kind: 'delay',
    ms: 1_000,
    when: 'after',
  } as const;
  stage.simulator.fault(slow);
  const before = requests('3', 'detail').length;
  await handle.signal('checkNow');
  await eventually(() => (requests('3', 'detail').length > before ? true : undefined));
  await handle.executeUpdate('extendDeadline', { args: [{ timeout: '2h' }] });
  await pause(6_000);
  const { name } = (await handle.describe()).status;
  await handle.cancel();
  expect(name).toBe('COMPLETED');
});

// Promise 3 again.
it.concurrent('looks go on between 15 seconds of trouble and the deadline', async () => {
  stage.simulator.addJob({ jobId: '4', status: 12, timelines: { restart: STARTING } });
  const handle = await stage.start({ jobId: '4', pollInterval: '1s', timeout: '31s' });
  await progressWhen(handle, ({ last }) => last?.code === 7);
  const lost = { jobId: '4', operation: 'detail', kind: 'request-lost', times: Infinity } as const;
  const fault = stage.simulator.fault(lost);
  await pause(18_500);
  fault.remove();
  stage.simulator.setStatus('4', 8);
  const upAt = Date.now();
  const end = await endOf(handle);
  expect(end).toMatchObject({ status: 'completed' });
  expect(at(end) - upAt).toBeLessThan(1_000 + 1_500 + 500);
});

// "Where the status before was starting or up it can't be told: `unknown`. Moved from a status that was down …"
it.concurrent('a lost request for a job of unknown status is not taken for accepted', async () => {
  stage.simulator.addJob({ jobId: '5', status: 8 });
  // ModelArts does not know for a moment what the job does.
  const odd = { jobId: '5', operation: 'detail', kind: 'show-status', status: 0 } as const;
  stage.simulator.fault({ ...odd, times: 2 });
  stage.simulator.fault({ jobId: '5', operation: 'restart', kind: 'request-lost' });
  const end = await stage.restart({ jobId: '5' });
  expect(stage.simulator.acceptedRestarts('5')).toBe(0);
  expect(end).toMatchObject({ type: 'RestartUnknown' });
});

it.concurrent(
  'a canceled restart that ModelArts took does not name an old refusal as its error',
  async () => {
    stage.simulator.addJob({ jobId: '6', status: 12, timelines: { restart: STARTING } });
    const error = { kind: 'status', status: 503, code: 'APIGW.0613', when: 'before' } as const;
    stage.simulator.fault({ jobId: '6', operation: 'restart', ...error });
    const handle = await stage.start({ jobId: '6' });
    const joiner = await stage.startWith([{ jobId: '6' }]);
    await progressWhen(joiner, ({ restart }) => restart !== undefined);
    await progressWhen(handle, ({ last }) => last?.code === 7);
    await handle.cancel();
    expect(await endOf(joiner)).toMatchObject({ type: 'RestartCanceled' });
    const progress = await handle.query<{ error?: object }>('progress');
    expect(progress).toMatchObject({ outcome: 'canceled', acceptedAt: expect.any(String) });
    expect(progress).not.toHaveProperty('error');
  },
);

// "Update `extendDeadline` → the deadline becomes now plus that; returns it."
it.concurrent(
  'extendDeadline during the stop on cancel does not answer a deadline that is none',
  async () => {
    const stop = [
      { afterMs: 0, status: 9 },
      { afterMs: 6_000, status: 12 },
    ];
    stage.simulator.addJob({ jobId: '7', status: 12, timelines: { restart: STARTING, stop } });
    const handle = await stage.start({ jobId: '7', onCancel: 'stop' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    await handle.cancel();
    await progressWhen(handle, ({ last }) => last?.code === 9);
    const answer = await handle
      .executeUpdate<{ deadline: string }, [object]>('extendDeadline', {
        args: [{ timeout: '2h' }],
      })
      .catch(() => undefined);
    const { currentDetails } = await handle.query<{ currentDetails: string }>(
      '__temporal_workflow_metadata',
    );
    await endOf(handle);
    if (answer !== undefined) expect(currentDetails).toContain(`**Deadline**: ${answer.deadline}`);
  },
);

it.concurrent('the details of a stop on cancel do not say "until it is running"', async () => {
  const stop = [
    { afterMs: 0, status: 9 },
    { afterMs: 3_000, status: 12 },
  ];
  stage.simulator.addJob({ jobId: '8', status: 12, timelines: { restart: STARTING, stop } });
  const handle = await stage.start({ jobId: '8', onCancel: 'stop' });
  await progressWhen(handle, ({ last }) => last?.code === 7);
  await handle.cancel();
  await progressWhen(handle, ({ last }) => last?.code === 9);
  const { currentDetails } = await handle.query<{ currentDetails: string }>(
    '__temporal_workflow_metadata',
  );
  await endOf(handle);
  expect(currentDetails).not.toContain('stopping the job, until it is running');
});

// "A refusal for good (403, 404 that stays, 3xx) of a look … after it `unknown`, … with `error`."
it.concurrent(
  'a 404 that stays ends as unknown after settleTime, also where somebody looks',
  async () => {
    stage.simulator.addJob({ jobId: '9', status: 12, timelines: { restart: STARTING } });
    const handle = await stage.start({ jobId: '9', settleTime: '4s', timeout: '20s' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    const gone = { jobId: '9', operation: 'detail', kind: 'not-found', times: Infinity } as const;
    stage.simulator.fault(gone);
    const looking = setInterval(() => void handle.signal('checkNow').catch(() => undefined), 2_000);
    const end = await endOf(handle);
    clearInterval(looking);
    expect(end).toMatchObject({ type: 'RestartUnknown', outcome: { error: { httpStatus: 404 } } });
  },
);

// Promise 2: "nothing transient … ends a restart before its deadline"; "ask again, until the deadline".
it.concurrent(
  'the pause after the first request that was not sent does not count what came before it',
  async () => {
    stage.simulator.addJob({ jobId: '10', status: 9, timelines: { restart: UP } });
    const handle = await stage.start({ jobId: '10', timeout: '45s' });
    await progressWhen(handle, ({ last }) => last?.code === 9);
    await pause(10_000);
    const error = { kind: 'status', status: 503, code: 'APIGW.0613', when: 'before' } as const;
    const once = stage.simulator.fault({ jobId: '10', operation: 'restart', ...error });
    stage.simulator.setStatus('10', 12);
    const end = await endOf(handle);
    expect(once.fired).toBe(1);
    expect(end).toMatchObject({ status: 'completed' });
    expect(requests('10', 'restart')).toHaveLength(2);
    // A quarter of what came before would be more than the second of a first pause.
    const { events } = await handle.fetchHistory();
    const pauses = events!.flatMap(({ timerStartedEventAttributes: timer }) =>
      timer ? [Number(timer.startToFireTimeout!.seconds) * 1_000] : [],
    );
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeLessThanOrEqual(1_000);
  },
);

it.concurrent('a stop on cancel that is refused is told in the outcome', async () => {
  stage.simulator.addJob({ jobId: '11', status: 12, timelines: { restart: STARTING } });
  const no = { kind: 'refuse', status: 403, code: 'ModelArts.0108', message: 'no' } as const;
  stage.simulator.fault({ jobId: '11', operation: 'stop', ...no });
  const handle = await stage.start({ jobId: '11', onCancel: 'stop' });
  await progressWhen(handle, ({ last }) => last?.code === 7);
  await handle.cancel();
  await endOf(handle);
  const progress = await handle.query<object>('progress');
  expect(progress).toMatchObject({ error: { code: 'ModelArts.0108' } });
});
