import { setTimeout as pause } from 'node:timers/promises';
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
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 500, status: 8 },
];

const requests = (jobId: string, operation: 'restart' | 'stop' | 'detail') =>
  stage.simulator.requests({ jobId, operation });
type Failed = End & { status: 'failed' };

it.concurrent(
  'one old reading after the stop is not taken for down: the restart waits for the real end',
  async () => {
    const stop = [
      { afterMs: 3_000, status: 9 },
      { afterMs: 4_000, status: 12 },
    ];
    stage.simulator.addJob({ jobId: '101', status: 8, timelines: { restart: UP, stop } });
    const old = { jobId: '101', operation: 'detail', kind: 'show-status', status: 12 } as const;
    const stale = stage.simulator.fault({ ...old, after: 1, times: 1 });
    const end = await stage.restart({ jobId: '101', ifRunning: 'stop', settleTime: '5s' });
    expect(stale.fired).toBe(1);
    expect(end).toMatchObject({ status: 'completed' });
    const [stopped] = requests('101', 'stop');
    const [asked] = requests('101', 'restart');
    expect(asked!.at - stopped!.at).toBeGreaterThan(3_500);
  },
);

it.concurrent(
  'after an odd status one old reading of the job’s end is not its new end',
  async () => {
    stage.simulator.addJob({ jobId: '102', status: 12, timelines: { restart: UP } });
    const detail = { jobId: '102', operation: 'detail', kind: 'show-status' } as const;
    stage.simulator.fault({ ...detail, status: 0, times: 1 });
    stage.simulator.fault({ ...detail, status: 12, times: 1 });
    const end = await stage.restart({ jobId: '102', settleTime: '5s' });
    expect(stage.simulator.acceptedRestarts('102')).toBe(1);
    expect(end).toMatchObject({ status: 'completed' });
  },
);

it.concurrent('a restart that sent no request does not say that ModelArts took it', async () => {
  stage.simulator.addJob({ jobId: '103', status: 7 });
  const handle = await stage.start({ jobId: '103', ifRunning: 'attach' });
  await progressWhen(handle, ({ phase }) => phase === 'waiting');
  stage.simulator.setStatus('103', 11);
  const end = (await endOf(handle)) as Failed;
  expect(end).toMatchObject({ outcome: { attached: true, outcome: 'failed' } });
  expect(end.message).not.toContain('ModelArts took the restart');
});

// "`no-effect`: taken by ModelArts, but the status never moved"; "an end on purpose … counts when … the job was seen to move since".
it.concurrent('a job that was seen to move is not said to have never moved', async () => {
  stage.simulator.addJob({ jobId: '104', status: 12, timelines: { restart: [] } });
  const lost = {
    jobId: '104',
    operation: 'detail',
    kind: 'request-lost',
    times: Infinity,
  } as const;
  const fault = stage.simulator.fault({ ...lost, after: 1 });
  const handle = await stage.start({ jobId: '104', timeout: '28s', settleTime: '2s' });
  await progressWhen(handle, ({ acceptedAt }) => acceptedAt !== undefined);
  await pause(17_500);
  stage.simulator.setStatus('104', 7);
  fault.remove();
  await handle.signal('checkNow');
  await progressWhen(handle, ({ last }) => last?.code === 7);
  stage.simulator.setStatus('104', 12);
  const end = (await endOf(handle)) as Failed;
  expect(path(end.outcome)).toEqual(['WAITING', 'KILLED']);
  expect(end.type).toBe('JobStopped');
});

// Promise 2: "Nothing is retried that ModelArts refused for good".
it.concurrent(
  'a stop that is refused for good is not asked for again, also after one that got lost',
  async () => {
    stage.simulator.addJob({ jobId: '106', status: 8, timelines: { restart: UP } });
    stage.simulator.fault({ jobId: '106', operation: 'stop', kind: 'request-lost' });
    const no = { kind: 'refuse', status: 403, code: 'ModelArts.0108', message: 'no' } as const;
    stage.simulator.fault({ jobId: '106', operation: 'stop', ...no, times: Infinity });
    const end = await stage.restart({
      jobId: '106',
      ifRunning: 'stop',
      settleTime: '1s',
      timeout: '15s',
    });
    expect(end).toMatchObject({ type: 'ModelArts.0108', outcome: { outcome: 'refused' } });
    expect(requests('106', 'stop')).toHaveLength(2);
  },
);

it.concurrent(
  'a job that goes down slowly is not said to fail by a stop’s first, passed refusal',
  async () => {
    const stop = [{ afterMs: 0, status: 9 }];
    stage.simulator.addJob({ jobId: '107', status: 8, timelines: { restart: UP, stop } });
    const error = { kind: 'status', status: 503, code: 'APIGW.0613', when: 'before' } as const;
    stage.simulator.fault({ jobId: '107', operation: 'stop', ...error });
    const end = (await stage.restart({
      jobId: '107',
      ifRunning: 'stop',
      timeout: '12s',
    })) as Failed;
    expect(stage.simulator.job('107')).toMatchObject({ status: 9, stopsAccepted: 1 });
    expect(end.outcome).not.toHaveProperty('error');
  },
);

it('the progress of a pause before the next request says why it pauses', async () => {
  const own = await openStage();
  try {
    own.simulator.addJob({ jobId: '108', status: 12, timelines: { restart: UP } });
    const throttle = { kind: 'throttle', text: 'slow down', retryAfter: 3_600 } as const;
    const once = own.simulator.fault({ jobId: '108', operation: 'restart', ...throttle });
    const handle = await own.start({ jobId: '108', timeout: '2h' });
    await eventually(() => (once.fired === 1 ? true : undefined));
    await pause(1_000);
    const progress = await handle.query<{ phase: string; error?: object }>('progress');
    const { currentDetails } = await handle.query<{ currentDetails: string }>(
      '__temporal_workflow_metadata',
    );
    await handle.cancel();
    // No request is under way, and no look comes for an hour.
    expect(progress.phase).not.toBe('requesting');
    expect(currentDetails).not.toContain('**Next look**: within 1s of the last');
  } finally {
    await own.close();
  }
});

it.concurrent(
  'a job that was stopped and not restarted is not said to be left as it is',
  async () => {
    const stop = [{ afterMs: 0, status: 9 }];
    stage.simulator.addJob({ jobId: '109', status: 8, timelines: { restart: UP, stop } });
    const end = (await stage.restart({ jobId: '109', ifRunning: 'stop', timeout: '8s' })) as Failed;
    expect(stage.simulator.job('109')).toMatchObject({ status: 9, stopsAccepted: 1 });
    expect(end.message).not.toContain('it was left as it is');
  },
);
