import { openStage, path, progressWhen, endOf, type End, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 2_500, status: 8 },
];

describe('each outcome, with its failure type', () => {
  it.concurrent('completes as `running` once the job is up, with the way it went', async () => {
    stage.simulator.addJob({ jobId: '101', status: 12, timelines: { restart: UP } });
    const end = await stage.restart({ jobId: '101', reason: 'nightly', requestedBy: 'ops' });
    expect(end).toEqual({
      status: 'completed',
      outcome: {
        outcome: 'running',
        projectId: stage.projectId,
        jobId: '101',
        until: 'running',
        attached: false,
        before: { code: 12, name: 'KILLED' },
        last: { code: 8, name: 'RUNNING' },
        transitions: [
          { code: 7, name: 'WAITING', at: expect.any(String) },
          { code: 8, name: 'RUNNING', at: expect.any(String) },
        ],
        startedAt: expect.any(String),
        acceptedAt: expect.any(String),
        endedAt: expect.any(String),
        serviceUrl: expect.stringContaining('/101/'),
        reason: 'nightly',
        requestedBy: 'ops',
      },
    });
    expect(stage.simulator.acceptedRestarts('101')).toBe(1);
  });

  it.concurrent('completes as `finished` at status 10 when it is to wait for that', async () => {
    const restart = [7, 8, 10].map((status, index) => ({ afterMs: index * 2_500, status }));
    stage.simulator.addJob({ jobId: '102', status: 12, timelines: { restart } });
    const end = await stage.restart({ jobId: '102', until: 'finished' });
    expect(end).toMatchObject({ status: 'completed', outcome: { outcome: 'finished' } });
    expect(path((end as End & { status: 'completed' }).outcome)).toEqual([
      'WAITING',
      'RUNNING',
      'COMPLETED',
    ]);
  });

  it.concurrent('fails with ModelArts’ code verbatim when the request is refused', async () => {
    stage.simulator.addJob({ jobId: '103', status: 8 });
    const end = await stage.restart({ jobId: '103' });
    expect(end).toMatchObject({
      status: 'failed',
      type: 'ModelArts.0105',
      outcome: {
        outcome: 'refused',
        before: { name: 'RUNNING' },
        error: {
          code: 'ModelArts.0105',
          message: "This job can't be resubmit. job status: 8",
          requestId: expect.any(String),
        },
      },
    });
    expect((end as End & { status: 'failed' }).message).toMatch(
      /^ModelArts\.0105: This job can't be resubmit\. job status: 8/,
    );
    expect(stage.simulator.requests({ jobId: '103', operation: 'restart' })).toHaveLength(1);
  });

  it.concurrent.each([3, 5, 11, 14, 16, 17, 21])(
    'fails as RestartFailed when the job reaches status %i',
    async (status) => {
      const jobId = `104${status}`;
      const restart = [
        { afterMs: 0, status: 1 },
        { afterMs: 500, status },
      ];
      stage.simulator.addJob({ jobId, status: 12, timelines: { restart } });
      const end = await stage.restart({ jobId });
      expect(end).toMatchObject({
        status: 'failed',
        type: 'RestartFailed',
        outcome: { outcome: 'failed', last: { code: status } },
      });
    },
  );

  it.concurrent.each([10, 12, 13])(
    'fails as JobStopped when the job ends in %i before it was up',
    async (status) => {
      const jobId = `105${status}`;
      const restart = [
        { afterMs: 0, status: 7 },
        { afterMs: 3_000, status },
      ];
      stage.simulator.addJob({ jobId, status: 11, timelines: { restart } });
      const end = await stage.restart({ jobId });
      expect(end).toMatchObject({
        status: 'failed',
        type: 'JobStopped',
        outcome: { outcome: 'stopped' },
      });
    },
  );

  it.concurrent(
    'fails as RestartHadNoEffect when the status never moves, after settleTime and not before',
    async () => {
      stage.simulator.addJob({ jobId: '106', status: 12, timelines: { restart: [] } });
      const end = await stage.restart({ jobId: '106', settleTime: '2s' });
      expect(end).toMatchObject({
        status: 'failed',
        type: 'RestartHadNoEffect',
        outcome: { outcome: 'no-effect', transitions: [], acceptedAt: expect.any(String) },
      });
      const { acceptedAt, endedAt } = (end as End & { status: 'failed' }).outcome!;
      expect(Date.parse(endedAt) - Date.parse(acceptedAt!)).toBeGreaterThanOrEqual(2_000);
      expect(stage.simulator.acceptedRestarts('106')).toBe(1);
    },
  );

  it('fails as RestartTimedOut at the deadline, after a last look there', async () => {
    const restart = [{ afterMs: 0, status: 7 }];
    stage.simulator.addJob({ jobId: '107', status: 12, timelines: { restart } });
    const end = await stage.restart({ jobId: '107', timeout: '3s', pollInterval: '10m' });
    expect(end).toMatchObject({
      status: 'failed',
      type: 'RestartTimedOut',
      outcome: { outcome: 'timed-out', last: { name: 'WAITING' } },
    });
    const { startedAt, endedAt } = (end as End & { status: 'failed' }).outcome!;
    const deadline = Date.parse(startedAt) + 3_000;
    const looks = stage.simulator.requests({ jobId: '107', operation: 'detail' });
    expect(looks.at(-1)!.at).toBeGreaterThanOrEqual(deadline);
    expect(Date.parse(endedAt) - deadline).toBeLessThan(20_000);
  });

  it.concurrent('ends Canceled and leaves the job as it is', async () => {
    stage.simulator.addJob({
      jobId: '108',
      status: 12,
      timelines: { restart: [{ afterMs: 0, status: 7 }] },
    });
    const handle = await stage.start({ jobId: '108' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    expect(stage.simulator.requests({ jobId: '108', operation: 'stop' })).toHaveLength(0);
    const progress = await progressWhen(handle, () => true);
    expect(progress).toMatchObject({
      outcome: 'canceled',
      phase: 'done',
      last: { name: 'WAITING' },
    });
  });

  it.concurrent('ends as RestartUnknown when the answer is lost and nothing moves', async () => {
    stage.simulator.addJob({ jobId: '109', status: 12 });
    const lost = stage.simulator.fault({
      jobId: '109',
      operation: 'restart',
      kind: 'request-lost',
    });
    const end = await stage.restart({ jobId: '109' });
    expect(lost.fired).toBe(1);
    expect(end).toMatchObject({
      status: 'failed',
      type: 'RestartUnknown',
      outcome: { outcome: 'unknown', transitions: [], error: { message: expect.any(String) } },
    });
    expect(stage.simulator.requests({ jobId: '109', operation: 'restart' })).toHaveLength(1);
  });
});

describe('what a failure shows', () => {
  it.concurrent('has no stack trace, is not retried, and says what to do', async () => {
    stage.simulator.addJob({ jobId: '110', status: 7 });
    const end = await stage.restart({ jobId: '110' });
    expect(end).toMatchObject({ status: 'failed', stack: '', type: 'ModelArts.0105' });
    expect((end as End & { status: 'failed' }).message).toContain('ifRunning "attach"');
  });
});

describe('bad input', () => {
  it.concurrent('is refused with every problem in one message, without a request', async () => {
    const handle = await stage.startWith([{ jobID: '010', pollinterval: '5', until: 'up' }]);
    const end = await endOf(handle);
    expect(end).toMatchObject({ status: 'failed', type: 'InvalidInput', stack: '' });
    const { message } = end as End & { status: 'failed' };
    expect(message).toMatch(/^InvalidInput: /);
    expect(message).toContain('did you mean "jobId"?');
    expect(message).toContain('did you mean "pollInterval"?');
    expect(message).toContain('until must be');
    expect(stage.simulator.requests({ jobId: '010' })).toHaveLength(0);
  });

  it.concurrent('takes a bare job id for { jobId }, as a string and as a number', async () => {
    for (const jobId of ['111', 112]) {
      stage.simulator.addJob({ jobId, status: 12, timelines: { restart: UP } });
      const end = await endOf(await stage.startWith([jobId]));
      expect(end).toMatchObject({ status: 'completed', outcome: { jobId: String(jobId) } });
    }
  });

  it.concurrent(
    'is refused at once where a workflow type is mistyped, naming those that exist',
    async () => {
      const handle = await stage.startWith([{ jobId: '1' }], undefined, 'restartVisualisationJob');
      const end = await endOf(handle);
      expect(end).toMatchObject({ status: 'failed', type: 'UnknownWorkflowType' });
      expect((end as End & { status: 'failed' }).message).toContain(
        'Did you mean restartVisualizationJob?',
      );
    },
  );
});
