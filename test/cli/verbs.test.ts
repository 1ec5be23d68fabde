import { randomUUID } from 'node:crypto';
import { restartId } from '../../src/domain/ids.js';
import { eventually } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { callCli } from './call-cli.js';
import { runCli, startCli } from './cli-process.js';
import { openCliStage, QUICK, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
  stage.simulator.addJob({ jobId: '71', status: 12 });
  stage.simulator.addJob({ jobId: '72', status: 8 });
  stage.simulator.addJob({ jobId: '73', status: 12, timelines: { restart: [] } });
  await Promise.all([
    stage.restart({ jobId: '71', requestedBy: 'ada', reason: 'a long reason '.repeat(5) }),
    stage.restart({ jobId: '72' }),
    stage.start({ jobId: '73', settleTime: '10m', timeout: '1h' }),
  ]);
});
afterAll(() => stage.close());

const modelarts = () => ({
  ...stage.variables,
  MODELARTS_ENDPOINT: stage.simulator.url,
  HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
});

it('status shows the restart, and says why not the job where ModelArts is not set', async () => {
  const { code, stdout } = await stage.run('status', '71');
  expect(code).toBe(0);
  expect(stdout).toContain('not asked for at ModelArts');
  expect(stdout).toContain(restartId(stage.projectId, '71'));
  expect(stdout).toContain('✓ job 71 is running');
});

it('status shows the job too where ModelArts is set', async () => {
  const { code, stdout } = await callCli(['status', '72', '--json'], modelarts());
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    jobId: '72',
    job: { kind: 'shown', status: { code: 8, name: 'RUNNING' } },
    restart: { running: false, failure: { type: 'ModelArts.0105' } },
  });
});

it('status ends with 1 where there is neither job nor restart', async () => {
  const { code, stdout } = await callCli(['status', '404'], modelarts());
  expect(code).toBe(1);
  expect(stdout).toContain('ModelArts.0015');
  expect(stdout).toContain('none is known to Temporal');
});

it('list shows a table: project, job, status, outcome, code, absolute times, who and why', async () => {
  const stdout = await eventually(async () => {
    const { stdout: text } = await stage.run('list', '--project', stage.projectId);
    return text.trimEnd().split('\n').length === 4 ? text : undefined;
  });
  const rows = stdout.trimEnd().split('\n');
  const head = ['PROJECT', 'JOB', 'STATUS', 'OUTCOME', 'CODE', 'SINCE', 'WHO', 'REASON'];
  expect(rows[0]!.split(/\s+/)).toEqual(head);
  const time = String.raw`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
  const row = (text: string) => new RegExp(`^${stage.projectId} +${text}$`, 'm');
  expect(rows[1]).toMatch(row(`73 +KILLED +under way +${time}`));
  const reason = 'a long reason a long reason a long reas…';
  expect(stdout).toMatch(row(`71 +RUNNING +running +${time} +ada +${reason}`));
  expect(stdout).toMatch(row(String.raw`72 +RUNNING +refused +ModelArts\.0105 +${time}`));
});

it('list narrows by each of its flags', async () => {
  const jobs = async (...flags: string[]) => {
    const args = ['list', '--project', stage.projectId, '--json', ...flags];
    const { code, stdout } = await stage.run(...args);
    expect(code).toBe(0);
    return (JSON.parse(stdout) as { jobId: string }[]).map(({ jobId }) => jobId);
  };
  expect(await jobs('--running')).toEqual(['73']);
  expect(await jobs('--outcome', 'refused')).toEqual(['72']);
  expect(await jobs('--job', '71')).toEqual(['71']);
  expect(await jobs('--limit', '2')).toHaveLength(2);
  // Those under way began before, and are listed all the same.
  expect(await jobs('--since', new Date().toISOString())).toEqual(['73']);
  expect(await jobs('--since', '1h')).toHaveLength(3);
  for (const when of ['yesterday', '2026-13-01', '10']) {
    const { code, stderr } = await stage.run('list', '--since', when);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(when) });
  }
  const other = await stage.run('list', '--project', randomUUID().replaceAll('-', ''));
  expect(other).toMatchObject({ code: 0, stdout: 'No restarts.\n' });
  expect((await stage.run('list', '--limit', 'all')).code).toBe(2);
});

it('list shows restarts of all projects unless one is asked for', async () => {
  const { stdout } = await callCli(['list', '--json', '--limit', '1000', '--job', '72'], {
    ...stage.variables,
    HW_PROJECT_ID: randomUUID().replaceAll('-', ''),
  });
  const projects = (JSON.parse(stdout) as { projectId: string }[]).map((row) => row.projectId);
  expect(projects).toContain(stage.projectId);
});

it('cancel ends the restart under way; where none is, it ends with 1', async () => {
  const { code, stdout } = await stage.run('cancel', '73');
  expect(code).toBe(0);
  expect(stdout).toContain(restartId(stage.projectId, '73'));
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '73'));
  await expect(handle.result()).rejects.toThrow();
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  const again = await stage.run('cancel', '73', '--json');
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { type: 'RestartNotFound' } });
});

it('cancel ends with 1 where no worker hears of it, and --terminate ends the restart all the same', async () => {
  const taskQueue = uniqueTaskQueue('nope');
  const handle = await stage.client.workflow.start('restartVisualizationJob', {
    workflowId: restartId(stage.projectId, '76'),
    taskQueue,
    args: [{ jobId: '76' }],
  });
  const asked = await stage.run('cancel', '76');
  expect(asked.code).toBe(1);
  expect(asked.stderr).toContain(`nobody listens on the task queue ${taskQueue}`);
  expect(asked.stderr).toContain(`modelarts-restarter cancel 76 --project ${stage.projectId}`);
  const json = await stage.run('cancel', '76', '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toEqual({
    workflowId: handle.workflowId,
    cancelRequested: true,
    nobodyListens: `nobody listens on the task queue ${taskQueue}`,
  });
  const ended = await stage.run('cancel', '76', '--terminate');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toContain('The job is left alone');
  expect(ended.stdout).toContain('may still be carried out');
  expect((await handle.describe()).status.name).toBe('TERMINATED');
  const again = await stage.run('cancel', '76', '--terminate', '--json');
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { type: 'RestartNotFound' } });
});

it('a call that follows a restart ends with 1 when somebody cancels that', async () => {
  stage.simulator.addJob({ jobId: '74', status: 12, timelines: { restart: [] } });
  const call = stage.begin('restart', '74', '--settle-time', '10m', '--json');
  await eventually(() =>
    stage
      .run('status', '74', '--json')
      .then(({ stdout }) => stdout.includes('waiting') || undefined),
  );
  await stage.run('cancel', '74');
  const { code, stdout } = await call.ended;
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'canceled' });
});

it('worker runs the worker, ends with its exit codes, and restarts jobs', async () => {
  expect((await runCli(['worker'])).code).toBe(2);
  const taskQueue = `${stage.taskQueue}-worker`;
  const variables = { ...modelarts(), TEMPORAL_TASK_QUEUE: taskQueue };
  const worker = startCli(['worker'], variables);
  await worker.says('Listening');
  stage.simulator.addJob({ jobId: '75', status: 12 });
  const { code } = await runCli(['restart', '75', ...QUICK], variables);
  worker.process.kill('SIGINT');
  expect([code, (await worker.ended).code]).toEqual([0, 0]);
});
