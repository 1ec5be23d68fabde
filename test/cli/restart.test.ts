import { hostname, userInfo } from 'node:os';
import type { RestartOutcome } from '../../src/client/index.js';
import { restartId } from '../../src/domain/ids.js';
import { openCliStage, QUICK, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
});
afterAll(() => stage.close());

const FAILS = { restart: [{ afterMs: 0, status: 11 }] };
const outcomeIn = (stdout: string): RestartOutcome => JSON.parse(stdout) as RestartOutcome;

it('tells in plain lines what happens, and ends with 0 when the job is up', async () => {
  stage.simulator.addJob({ jobId: '51', status: 12 });
  const { code, stdout, stderr } = await stage.run('restart', '51', ...QUICK);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^\s+\+0\.0s  KILLED$/);
  expect(lines[1]).toMatch(/^\s+\+\d+\.\ds  ModelArts took the restart$/);
  expect(stdout).toMatch(/\+\d+\.\ds  (WAITING → )?RUNNING/);
  expect(stdout).toMatch(/✓ job 51 is running after \d+s/);
  // No terminal, so nothing that steers one.
  expect(stdout).not.toContain('\u001B');
  expect(stage.simulator.acceptedRestarts('51')).toBe(1);
});

it('ends with 1 when ModelArts refuses, with the code, its meaning and what to do', async () => {
  stage.simulator.addJob({ jobId: '52', status: 8 });
  const { code, stdout } = await stage.run('restart', '52', ...QUICK);
  expect(code).toBe(1);
  expect(stdout).toContain('ModelArts.0105: ');
  expect(stdout).toContain('The job is RUNNING: it needs no restart.');
});

it('ends with 1 for a job that nobody knows', async () => {
  const { code, stdout } = await stage.run('restart', '404', ...QUICK);
  expect(code).toBe(1);
  expect(stdout).toContain('ModelArts.0015');
  expect(stdout).toContain('check the job id');
});

it('prints the outcome as one JSON document, and nothing else there', async () => {
  stage.simulator.addJob({ jobId: '53', status: 12, timelines: FAILS });
  const { code, stdout, stderr } = await stage.run('restart', '53', '--json', ...QUICK);
  expect(code).toBe(1);
  expect(outcomeIn(stdout)).toMatchObject({
    outcome: 'failed',
    jobId: '53',
    projectId: stage.projectId,
    requestedBy: `${userInfo().username}@${hostname()}`,
  });
  expect(outcomeIn(stdout)).not.toHaveProperty('phase');
  expect(stderr).toContain('RestartFailed');
});

it('hands each flag on to the restart', async () => {
  stage.simulator.addJob({ jobId: '54', status: 12, timelines: { restart: [] } });
  const call = stage.begin(
    ...['restart', '54', '--until', 'finished', '--if-running', 'attach', '--on-cancel', 'stop'],
    ...['--timeout', '2h', '--poll-interval', '2s', '--settle-time', '3m'],
    ...['--if-unknown', 'repeat', '--reason', 'a test', '--project', stage.projectId],
  );
  await call.says('ModelArts took the restart');
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '54'));
  const { events } = await handle.fetchHistory();
  const { input } = events![0]!.workflowExecutionStartedEventAttributes!;
  expect(JSON.parse(Buffer.from(input!.payloads![0]!.data!).toString())).toEqual({
    jobId: '54',
    projectId: stage.projectId,
    until: 'finished',
    ifRunning: 'attach',
    onCancel: 'stop',
    timeout: '2h',
    pollInterval: '2s',
    settleTime: '3m',
    ifUnknown: 'repeat',
    reason: 'a test',
    requestedBy: `${userInfo().username}@${hostname()}`,
  });
  await handle.terminate();
  const { code, stderr } = await call.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('terminated');
});

it('follows the restart under way, ends as it ends and says attached', async () => {
  stage.simulator.addJob({
    jobId: '55',
    status: 12,
    timelines: {
      restart: [
        { afterMs: 0, status: 7 },
        { afterMs: 6_000, status: 8 },
      ],
    },
  });
  const first = stage.begin('restart', '55', '--json', ...QUICK);
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '55'));
  while ((await handle.describe().catch(() => undefined)) === undefined);
  const second = await stage.run('restart', '55', '--json', '--timeout', '1s');
  expect(second.code).toBe(0);
  expect(outcomeIn(second.stdout)).toMatchObject({ outcome: 'running', attached: true });
  expect(outcomeIn((await first.ended).stdout)).toMatchObject({
    outcome: 'running',
    attached: false,
  });
  expect(stage.simulator.acceptedRestarts('55')).toBe(1);
});

it('restarts several jobs at once, and prints an array of outcomes in their order', async () => {
  for (const jobId of ['56', '57']) stage.simulator.addJob({ jobId, status: 12 });
  stage.simulator.addJob({ jobId: '58', status: 12, timelines: FAILS });
  const { code, stdout } = await stage.run('restart', '58', '56', '57', '56', '--json', ...QUICK);
  expect(code).toBe(1);
  const outcomes = JSON.parse(stdout) as RestartOutcome[];
  expect(outcomes.map(({ jobId, outcome }) => `${jobId} ${outcome}`)).toEqual([
    '58 failed',
    '56 running',
    '57 running',
  ]);
});

it('says of which of several jobs each line is, and counts them', async () => {
  for (const jobId of ['59', '60']) stage.simulator.addJob({ jobId, status: 12 });
  const { code, stdout } = await stage.run('restart', '59', '60', ...QUICK);
  expect(code).toBe(0);
  for (const jobId of ['59', '60']) {
    expect(stdout).toMatch(new RegExp(`^${jobId} .*ModelArts took the restart$`, 'm'));
  }
  expect(stdout).toContain('2 of 2 got there');
});

it('comes back once ModelArts took it where it is detached', async () => {
  stage.simulator.addJob({ jobId: '61', status: 12, timelines: { restart: [] } });
  const { code, stdout } = await stage.run('restart', '61', '--detach', '--settle-time', '10m');
  expect(code).toBe(0);
  expect(stdout).toContain('ModelArts took the restart (it was KILLED)');
  const again = await stage.run('restart', '61', '--detach', '--json');
  expect(again.code).toBe(0);
  const workflowId = restartId(stage.projectId, '61');
  expect(JSON.parse(again.stdout)).toEqual({
    workflowId,
    before: { code: 12, name: 'KILLED' },
    acceptedAt: expect.stringMatching(/^20.*Z$/) as string,
    attached: true,
  });
  await stage.client.workflow.getHandle(workflowId).terminate();
});

it('ends with 1 where ModelArts refuses a detached one', async () => {
  stage.simulator.addJob({ jobId: '62', status: 8 });
  const { code, stdout } = await stage.run('restart', '62', '--detach', '--json', ...QUICK);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { type: 'ModelArts.0105' },
    outcome: { outcome: 'refused' },
  });
});
