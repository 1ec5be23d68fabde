import {
  createRestartSchedule,
  deleteRestartSchedule,
  describeRestart,
  describeRestartSchedule,
  InvalidInputError,
  listRestartSchedules,
  pauseRestartSchedule,
  restartId,
  RestartScheduleNotFoundError,
  resumeRestartSchedule,
  triggerRestartSchedule,
  type ScheduleOptions,
} from '../../src/client/index.js';
import { eventually, openStage, type Stage } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  for (const jobId of ['41', '42', '43']) {
    await deleteRestartSchedule(stage.client, key(jobId)).catch(() => undefined);
  }
  await stage.close();
});

const key = (jobId: string) => ({ projectId: stage.projectId, jobId });
const create = (jobId: string, options: ScheduleOptions, more: object = {}) => {
  const { projectId, taskQueue } = stage;
  const input = { jobId, pollInterval: '1s', ...more };
  return createRestartSchedule(stage.client, input, { projectId, taskQueue, ...options });
};

it('creates a schedule with safe defaults', async () => {
  const scheduleId = restartId(stage.projectId, '41');
  expect(await create('41', { cron: '0 3 * * 1-5', timezone: 'Asia/Shanghai' })).toEqual({
    scheduleId,
    result: 'created',
  });
  const schedule = await describeRestartSchedule(stage.client, key('41'));
  expect(schedule).toMatchObject({
    scheduleId,
    times: '0 3 * * 1-5 Asia/Shanghai',
    paused: false,
    overlap: 'SKIP',
    catchUpMs: 5 * 60_000,
    jitterMs: 60_000,
    pauseOnFailure: false,
    taskQueue: stage.taskQueue,
    input: { jobId: '41', projectId: stage.projectId, pollInterval: '1s' },
    counts: { started: 0, skipped: 0, missed: 0 },
  });
  // 3 o'clock in Shanghai.
  expect(schedule.next[0]).toMatch(/T19:0\d:/);
});

it('tells a schedule that was there already from one that it changed', async () => {
  const times = { cron: '0 3 * * 1-5', timezone: 'Asia/Shanghai' };
  expect(await create('41', times)).toMatchObject({ result: 'unchanged' });
  expect(await create('41', { ...times, jitter: '5m' })).toMatchObject({ result: 'changed' });
  expect(await create('41', { ...times, jitter: '5m' })).toMatchObject({ result: 'unchanged' });
  expect(await create('41', { every: '12h' })).toMatchObject({ result: 'changed' });
  expect(await create('41', { every: '12h' }, { until: 'finished' })).toMatchObject({
    result: 'changed',
  });
  expect(await create('41', { every: '12h', catchUp: '1h', pauseOnFailure: true })).toMatchObject({
    result: 'changed',
  });
  expect(await describeRestartSchedule(stage.client, key('41'))).toMatchObject({
    times: 'every 12h',
    catchUpMs: 3_600_000,
    pauseOnFailure: true,
  });
});

it('tells each thing that it changed, from what to what, and nothing else', async () => {
  const before = { every: '12h', jitter: '1m' } as const;
  await create('43', before, { ifRunning: 'stop', reason: 'nightly' });
  const changed = await create(
    '43',
    { cron: '0 3 * * *', catchUp: '1h', paused: true, pauseOnFailure: true },
    { reason: 'weekly', timeout: '1h' },
  );
  expect(changed).toEqual({
    scheduleId: restartId(stage.projectId, '43'),
    result: 'changed',
    changes: [
      { key: 'input.ifRunning', from: 'stop' },
      { key: 'input.reason', from: 'nightly', to: 'weekly' },
      { key: 'input.timeout', to: '1h' },
      { key: 'times', from: 'every 12h', to: '0 3 * * *' },
      { key: 'catchUpMs', from: 300_000, to: 3_600_000 },
      { key: 'pauseOnFailure', from: false, to: true },
      { key: 'paused', from: false, to: true },
    ],
  });
  const taskQueue = uniqueTaskQueue();
  const moved = await create('43', { every: '12h', taskQueue, jitter: '2m' }, {});
  expect(moved.changes).toEqual(
    expect.arrayContaining([
      { key: 'taskQueue', from: stage.taskQueue, to: taskQueue },
      { key: 'jitterMs', from: 60_000, to: 120_000 },
      { key: 'input.reason', from: 'weekly' },
    ]),
  );
  await deleteRestartSchedule(stage.client, key('43'));
});

it('tells what it changed of a schedule that somebody made with other tools', async () => {
  const scheduleId = restartId(stage.projectId, '43');
  await stage.client.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '12h' }], jitter: '1m' },
    action: {
      type: 'startWorkflow',
      workflowType: 'restartVisualizationJob',
      workflowId: 'nightly',
      taskQueue: stage.taskQueue,
      args: ['43'],
    },
    policies: { overlap: 'BUFFER_ONE', catchupWindow: '5m', pauseOnFailure: false },
  });
  const { changes } = await create('43', { every: '12h' });
  expect(changes).toEqual([
    { key: 'input.pollInterval', to: '1s' },
    { key: 'input.projectId', to: stage.projectId },
    { key: 'overlap', from: 'BUFFER_ONE', to: 'SKIP' },
    { key: 'workflowId', from: 'nightly', to: `schedule:${scheduleId}` },
  ]);
  await deleteRestartSchedule(stage.client, key('43'));
});

it('pauses and resumes; creating it again leaves it paused unless that is said', async () => {
  await pauseRestartSchedule(stage.client, key('41'), 'holidays');
  expect(await describeRestartSchedule(stage.client, key('41'))).toMatchObject({
    paused: true,
    note: 'holidays',
    next: [],
  });
  const same = { every: '12h', catchUp: '1h', pauseOnFailure: true } as const;
  expect(await create('41', same)).toMatchObject({ result: 'unchanged' });
  expect(await create('41', { ...same, paused: false })).toMatchObject({ result: 'changed' });
  await pauseRestartSchedule(stage.client, key('41'));
  await resumeRestartSchedule(stage.client, key('41'));
  const { paused, next } = await describeRestartSchedule(stage.client, key('41'));
  expect({ paused, next: next.length > 0 }).toEqual({ paused: false, next: true });
});

it('starts a restart when it is triggered, which the description and the list show', async () => {
  stage.simulator.addJob({ jobId: '42', status: 12 });
  await create('42', { every: '1d', paused: true });
  await triggerRestartSchedule(stage.client, key('42'));
  const restart = await eventually(() =>
    describeRestart(stage.client, key('42')).then(
      (description) => (description.progress?.outcome === 'running' ? description : undefined),
      () => undefined,
    ),
  );
  expect(restart.workflowId).toBe(restartId(stage.projectId, '42'));
  const schedule = await describeRestartSchedule(stage.client, key('42'));
  expect(schedule.counts.started).toBe(1);
  expect(schedule.recent[0]!.workflowId).toContain(
    `schedule:${restartId(stage.projectId, '42')}-20`,
  );
  const listed = await eventually(async () =>
    (await listRestartSchedules(stage.client)).find(
      ({ scheduleId }) => scheduleId === schedule.scheduleId,
    ),
  );
  expect(listed).toMatchObject({ times: 'every 1d', paused: true });
});

it('deletes; a schedule that is not there is an error of its own', async () => {
  await deleteRestartSchedule(stage.client, { scheduleId: restartId(stage.projectId, '42') });
  await expect(describeRestartSchedule(stage.client, key('42'))).rejects.toThrow(
    RestartScheduleNotFoundError,
  );
  await expect(pauseRestartSchedule(stage.client, key('49'))).rejects.toThrow(
    RestartScheduleNotFoundError,
  );
});

it.each<[string, ScheduleOptions, string]>([
  ['no times', {}, 'either cron'],
  ['two kinds of times', { cron: '0 3 * * *', every: '1d' }, 'either cron'],
  ['a cron expression with four fields', { cron: '0 3 * *' }, 'five fields'],
  ['a cron expression that Temporal can’t read', { cron: '0 99 * * *' }, 'the times'],
  ['a timezone that nobody knows', { cron: '0 3 * * *', timezone: 'Mars/Base' }, 'IANA'],
  ['a timezone without cron', { every: '1d', timezone: 'UTC' }, 'timezone needs cron'],
  ['an interval that is too short', { every: '5s' }, 'every must be'],
  ['a jitter that is none', { every: '1d', jitter: 'a lot' }, 'jitter must be'],
  ['a catch-up window that Temporal does not take', { every: '1d', catchUp: '1s' }, 'catchUp must'],
])('refuses %s', async (_, times, words) => {
  const error = await create('43', times).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidInputError);
  expect((error as Error).message).toContain(words);
});
