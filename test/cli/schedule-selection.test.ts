import { batchId } from '../../src/domain/ids.js';
import { eventually } from '../setup/stage.js';
import { callCli } from './call-cli.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage({ list: true });
});
afterAll(async () => {
  await stage.run('schedule', 'delete', 'nightly');
  await stage.close();
});

const create = (...flags: string[]) =>
  stage.run('schedule', 'create', '--name', 'nightly', '--cron', '0 3 * * *', ...flags);
const id = () => batchId(stage.projectId, 'nightly');

it('creates restarts:<project>:<name>, which starts the batch with these flags', async () => {
  const flags = ['--status', 'KILLED', '--max-concurrent', '5', '--if-running', 'attach'];
  const { code, stdout } = await create(...flags, '--timeout', '1m', '--paused');
  expect(code).toBe(0);
  expect(stdout).toContain(`schedule ${id()} created`);
  const { action } = await stage.client.schedule.getHandle(id()).describe();
  expect(action).toMatchObject({
    workflowType: 'restartVisualizationJobs',
    workflowId: id(),
    taskQueue: stage.taskQueue,
    args: [
      {
        projectId: stage.projectId,
        select: { status: ['KILLED'] },
        name: 'nightly',
        maxConcurrent: 5,
        ifRunning: 'attach',
        timeout: '1m',
        requestedBy: 'schedule',
      },
    ],
  });
});

it('changes it, and says what has changed', async () => {
  const flags = ['--status', 'KILLED,FAILED', '--max-concurrent', '5'];
  const { code, stdout } = await create(...flags, '--timeout', '1m');
  expect(code).toBe(0);
  expect(stdout).toContain('was there, and is changed:\n');
  expect(stdout).toMatch(/^ +ifRunning +attach → not said$/m);
  expect(stdout).toMatch(
    /^ +select +\{"status":\["KILLED"\]\} → \{"status":\["KILLED","FAILED"\]\}$/m,
  );
});

it('takes its name or its id in the other verbs', async () => {
  expect((await stage.run('schedule', 'describe', id())).stdout).toContain('state      paused');
  expect((await stage.run('schedule', 'resume', 'nightly')).code).toBe(0);
  const paused = await stage.run('schedule', 'pause', 'nightly', '--note', 'off', '--json');
  expect(JSON.parse(paused.stdout)).toEqual({ scheduleId: id(), done: 'pause' });
  const described = await stage.run('schedule', 'describe', 'nightly', '--json');
  expect(JSON.parse(described.stdout)).toMatchObject({ paused: true, note: 'off' });
  await eventually(async () => {
    const { stdout } = await stage.run('schedule', 'list');
    return stdout.includes(id()) || undefined;
  });
});

it('restarts what matches at that moment, and status and list know the run by the name', async () => {
  stage.simulator.addJob({ jobId: '94', status: 12 });
  expect((await stage.run('schedule', 'trigger', 'nightly')).code).toBe(0);
  await eventually(() => stage.simulator.acceptedRestarts('94') === 1 || undefined);
  const stdout = await eventually(async () => {
    const { stdout: text } = await stage.run('status', 'nightly');
    return text.includes('1/1 · 1 running') ? text : undefined;
  });
  expect(stdout).toMatch(new RegExp(`^batch +${id()}-20\\S+Z, started`));
  await eventually(async () => {
    const { stdout: text } = await stage.run('list', '--project', stage.projectId);
    return /^\w{32} +batch nightly +ended +1 of 1 got there/m.test(text) || undefined;
  });
});

it('spreads its members: at most maxConcurrent are under way at a time', async () => {
  const UP_AFTER_MS = 1_000;
  const steps = [
    { afterMs: 0, status: 7 },
    { afterMs: UP_AFTER_MS, status: 8 },
  ];
  const jobIds = ['901', '902', '903', '904', '905'];
  for (const jobId of jobIds) {
    stage.simulator.addJob({ jobId, name: 'spread', status: 12, timelines: { restart: steps } });
  }
  const flags = ['--status', 'KILLED', '--search', 'spread', '--max-concurrent', '2'];
  expect((await create(...flags, '--poll-interval', '1s')).code).toBe(0);
  expect((await stage.run('schedule', 'trigger', 'nightly')).code).toBe(0);
  const allAsked = () => jobIds.every((jobId) => stage.simulator.acceptedRestarts(jobId) === 1);
  await eventually(() => allAsked() || undefined);
  const times = jobIds.flatMap((jobId) =>
    stage.simulator.requests({ jobId, operation: 'restart' }).map(({ at }) => at),
  );
  const underWayAt = (instant: number) =>
    times.filter((at) => at <= instant && instant < at + UP_AFTER_MS).length;
  expect(times).toHaveLength(5);
  expect(Math.max(...times.map(underWayAt))).toBe(2);
});

it('is deleted by its name; then there is nothing to act on', async () => {
  expect((await stage.run('schedule', 'delete', 'nightly')).code).toBe(0);
  const gone = await stage.run('schedule', 'delete', 'nightly');
  expect(gone.code).toBe(1);
  expect(gone.stderr).toContain('there is no schedule of restarts');
});

it.each<[string[], string]>([
  [['--status', 'KILLED'], '--name is missing'],
  [['95', '--name', 'x'], 'leave the job id out'],
  [['--name', 'x'], 'select jobs by --status'],
  [['--name', 'x', '--status', 'KILED'], 'did you mean "KILLED"?'],
  [['--name', 'x', '--all', '--max-concurrent', '0'], '--max-concurrent must be'],
])('ends with 2 on %j', async (flags, words) => {
  // Nobody is called before the flags are right.
  const variables = { ...stage.variables, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { code, stderr } = await callCli(
    ['schedule', 'create', ...flags, '--every', '1d'],
    variables,
  );
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});
