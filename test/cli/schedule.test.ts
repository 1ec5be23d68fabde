import { restartId } from '../../src/domain/ids.js';
import { eventually } from '../setup/stage.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
});
afterAll(async () => {
  for (const jobId of ['91', '92']) await stage.run('schedule', 'delete', jobId);
  await stage.close();
});

const describe91 = async () =>
  JSON.parse((await stage.run('schedule', 'describe', '91', '--json')).stdout) as unknown;

it('creates a schedule with each of its flags, which the description shows', async () => {
  const { code, stdout } = await stage.run(
    ...['schedule', 'create', '91', '--cron', '0 3 * * *', '--timezone', 'Asia/Shanghai'],
    ...['--jitter', '30s', '--catch-up', '10m', '--paused', '--pause-on-failure'],
    ...['--until', 'finished', '--if-running', 'stop', '--timeout', '2h', '--reason', 'nightly'],
  );
  expect(code).toBe(0);
  expect(stdout).toContain(`schedule ${restartId(stage.projectId, '91')} created`);
  expect(stdout).toContain('0 3 * * * Asia/Shanghai, put off by up to 30s');
  expect(await describe91()).toMatchObject({
    times: '0 3 * * * Asia/Shanghai',
    jitterMs: 30_000,
    catchUpMs: 600_000,
    overlap: 'SKIP',
    pauseOnFailure: true,
    paused: true,
    taskQueue: stage.taskQueue,
    input: {
      jobId: '91',
      projectId: stage.projectId,
      until: 'finished',
      ifRunning: 'stop',
      timeout: '2h',
      reason: 'nightly',
      requestedBy: 'schedule',
    },
  });
});

it('says whether it was there already, or was another', async () => {
  const first = await stage.run('schedule', 'create', '91', '--every', '24h');
  expect(first.code).toBe(0);
  expect(first.stdout).toContain('was there, and is changed:\n');
  // What was not said again is gone: nobody should have to find that out from the next night.
  expect(first.stdout).toMatch(/^ +ifRunning +stop → not said$/m);
  expect(first.stdout).toMatch(/^ +times +0 3 \* \* \* Asia\/Shanghai → every 1d$/m);
  expect(first.stdout).toMatch(/^ +missed +10m → 5m$/m);
  const json = await stage.run(
    'schedule',
    'create',
    '91',
    '--every',
    '24h',
    '--jitter',
    '5m',
    '--json',
  );
  expect(JSON.parse(json.stdout)).toMatchObject({
    result: 'changed',
    times: 'every 1d',
    changes: [{ key: 'jitterMs', from: 60_000, to: 300_000 }],
  });
  const again = await stage.run('schedule', 'create', '91', '--every', '24h', '--jitter', '5m');
  expect(again.code).toBe(0);
  expect(again.stdout).toContain('is there already');
  // Nobody said that it should run: it stays paused.
  expect(await describe91()).toMatchObject({ paused: true });
});

it('resumes, pauses and triggers it, by the job or by its id', async () => {
  const id = restartId(stage.projectId, '91');
  expect((await stage.run('schedule', 'resume', id)).code).toBe(0);
  expect(await describe91()).toMatchObject({ paused: false });
  const paused = await stage.run('schedule', 'pause', '91', '--note', 'holidays', '--json');
  expect(JSON.parse(paused.stdout)).toEqual({ scheduleId: id, done: 'pause' });
  expect(await describe91()).toMatchObject({ paused: true, note: 'holidays' });

  stage.simulator.addJob({ jobId: '91', status: 12 });
  expect((await stage.run('schedule', 'trigger', '91')).stdout).toContain('is triggered');
  await eventually(() => (stage.simulator.acceptedRestarts('91') === 1 ? true : undefined));
  const { stdout } = await stage.run('schedule', 'describe', '91');
  expect(stdout).toContain('1 started');
});

it('lists those that restart a job', async () => {
  await stage.run('schedule', 'create', '92', '--every', '1d');
  const row = await eventually(async () => {
    const { stdout } = await stage.run('schedule', 'list');
    expect(stdout).toMatch(/^SCHEDULE +TIMES +NEXT +LAST$|^No schedules\.$/m);
    return stdout.split('\n').find((line) => line.startsWith(restartId(stage.projectId, '92')));
  });
  expect(row).toMatch(/every 1d +20\S+Z +never$/);
});

it('deletes it; then there is nothing to act on, which ends with 1', async () => {
  expect((await stage.run('schedule', 'delete', '92')).code).toBe(0);
  const gone = await stage.run('schedule', 'describe', '92', '--json');
  expect(gone.code).toBe(1);
  expect(JSON.parse(gone.stdout)).toMatchObject({ error: { type: 'RestartScheduleNotFound' } });
});

it.each<[string[], string]>([
  [[], 'either cron'],
  [['--cron', '0 3 * *'], '--cron must have five fields'],
  [['--every', '3s'], '--every must be'],
  [['--every', '1d', '--catch-up', '1s'], '--catch-up must be'],
  [['--every', '1d', '--timezone', 'UTC'], '--timezone needs'],
  [['--every', '1d', '--until', 'up'], 'Allowed choices'],
  [['--evry', '1d'], 'Did you mean --every?'],
])('ends with 2 on %j', async (flags, words) => {
  const { code, stderr } = await stage.run('schedule', 'create', '93', ...flags);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});

it('leaves schedules of anything else alone, and says so of a time that never comes', async () => {
  const scheduleId = `else-${stage.projectId}`;
  const handle = await stage.client.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '1d' }] },
    action: { type: 'startWorkflow', workflowType: 'somethingElse', taskQueue: 'else', args: [] },
  });
  try {
    const { code, stderr } = await stage.run('schedule', 'delete', scheduleId);
    expect(code).toBe(1);
    expect(stderr).toContain('no schedule of restarts');
    expect((await handle.describe()).scheduleId).toBe(scheduleId);
  } finally {
    await handle.delete();
  }
  const flags = ['--cron', '0 3 31 2 *', '--jitter', '60000', '--json'];
  const never = await stage.run('schedule', 'create', '92', ...flags);
  expect(never.code).toBe(0);
  expect(never.stderr).toContain('never starts anything');
  expect(JSON.parse(never.stdout)).toMatchObject({ jitterMs: 60_000, next: [] });
});
