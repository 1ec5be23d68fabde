import { hostname, userInfo } from 'node:os';
import { Connection } from '@temporalio/client';
import type { BatchOutcome } from '../../src/client/index.js';
import { batchId } from '../../src/domain/ids.js';
import { eventually } from '../setup/stage.js';
import { acceptedOf, addJobs, STARTING, untilWaiting } from '../workflows/batches.js';
import { openCliStage, QUICK, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeEach(async () => {
  // A project of its own for each test, because a selection sees all jobs of the project.
  stage = await openCliStage({ list: true });
});
afterEach(() => stage.close());

const FAILS = { steps: [{ afterMs: 0, status: 11 }] };

it('restarts the jobs that the flags select, and ends with 0 when all got there', async () => {
  const killed = addJobs(stage, 101, 3);
  const running = addJobs(stage, 111, 1, { status: 8 });
  const { code, stdout, stderr } = await stage.run('restart', '--status', 'KILLED', ...QUICK);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(new RegExp(`^batch restarts:${stage.projectId}:[\\da-f-]{36}$`)),
    '3 jobs to restart',
    '3 of 3 got there',
    '',
  ]);
  expect(acceptedOf(stage, [...killed, ...running])).toEqual([1, 1, 1, 0]);
});

it('says which jobs did not get there, as it comes and in a table at the end, and ends with 1', async () => {
  addJobs(stage, 201, 1);
  addJobs(stage, 211, 1, { status: 8 });
  addJobs(stage, 221, 1, FAILS);
  const { code, stdout } = await stage.run('restart', '--all', ...QUICK);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ job 211: ModelArts\.0105: /m);
  expect(stdout).toMatch(/^✗ job 221: RestartFailed: /m);
  expect(stdout.trimEnd().split('\n').slice(-4)).toEqual([
    'JOB  OUTCOME  CODE',
    '211  refused  ModelArts.0105',
    '221  failed',
    '1 of 3 got there',
  ]);
  expect(stdout).not.toContain('\u001B');
});

it('prints the outcome as one JSON document', async () => {
  addJobs(stage, 301, 1);
  addJobs(stage, 311, 1, { status: 8 });
  const args = ['--search', 'job-3', '--name', 'of-json', '--json', ...QUICK];
  const { code, stdout, stderr } = await stage.run('restart', ...args);
  expect(code).toBe(1);
  expect(stderr).toContain('SomeRestartsFailed: 1 of 2 jobs did not get there: 1 refused');
  const outcome = JSON.parse(stdout) as BatchOutcome;
  expect(outcome).toMatchObject({
    workflowId: batchId(stage.projectId, 'of-json'),
    attached: false,
    name: 'of-json',
    total: 2,
    running: 1,
    refused: 1,
    outcomes: [
      { jobId: '301', outcome: 'running' },
      { jobId: '311', outcome: 'refused', errorCode: 'ModelArts.0105' },
    ],
  });
  for (const key of ['phase', 'waiting', 'underWay', 'jobs', 'failures']) {
    expect(outcome).not.toHaveProperty(key);
  }
});

it('says that nothing matches, and ends with 0', async () => {
  addJobs(stage, 401, 1, { status: 8 });
  const none = await stage.run('restart', '--status', 'KILLED');
  expect(none).toMatchObject({ code: 0, stderr: '' });
  expect(none.stdout).toContain('No job matches: nothing was sent.\n');
  const json = await stage.run('restart', '--status', 'KILLED', '--json');
  expect(json.code).toBe(0);
  expect(JSON.parse(json.stdout)).toMatchObject({ total: 0, outcomes: [] });
});

it('hands each flag on to the batch, and joins the one of this name that is under way', async () => {
  addJobs(stage, 501, 1, { steps: STARTING });
  const selecting = ['--status', 'KILLED,11', '--search', 'job', '--workspace', '0'];
  const numbers = ['--max-concurrent', '3', '--stop-after-failures', '2', '--name', 'all flags'];
  const each = ['--if-running', 'attach', '--timeout', '1h', '--reason', 'a test'];
  const args = ['restart', ...selecting, ...numbers, ...each];
  const call = await stage.run(...args, '--detach');
  expect(call.code).toBe(0);
  const workflowId = batchId(stage.projectId, 'all flags');
  expect(call.stdout).toContain(`status '${workflowId}'`);
  expect(call.stdout).toContain(`cancel '${workflowId}'`);
  const handle = stage.client.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  const { input } = events![0]!.workflowExecutionStartedEventAttributes!;
  expect(JSON.parse(Buffer.from(input!.payloads![0]!.data!).toString())).toEqual({
    projectId: stage.projectId,
    select: { status: ['KILLED', 11], search: 'job', workspaceId: '0' },
    maxConcurrent: 3,
    stopAfterFailures: 2,
    name: 'all flags',
    ifRunning: 'attach',
    timeout: '1h',
    reason: 'a test',
    requestedBy: `${userInfo().username}@${hostname()}`,
  });
  const again = await stage.run(...args, '--detach', '--json');
  expect(JSON.parse(again.stdout)).toEqual({ workflowId, attached: true });
  await handle.terminate();
});

it('makes a batch of more than 20 ids, each of them once', async () => {
  const jobIds = addJobs(stage, 601, 21);
  const { code, stdout } = await stage.run('restart', ...jobIds, '601', '--json', ...QUICK);
  expect(code).toBe(0);
  const { total, outcomes } = JSON.parse(stdout) as BatchOutcome;
  expect(total).toBe(21);
  expect(outcomes.map(({ jobId }) => jobId)).toEqual(jobIds);
});

it('shows what is skipped after --stop-after-failures', async () => {
  addJobs(stage, 701, 3, FAILS);
  const flags = ['--max-concurrent', '1', '--stop-after-failures', '1'];
  const { code, stdout } = await stage.run('restart', '701', '702', '703', ...flags, ...QUICK);
  expect(code).toBe(1);
  expect(stdout).toContain(
    'JOB  OUTCOME  CODE\n701  failed\n702  skipped\n703  skipped\n0 of 3 got there\n',
  );
});

it('leaves the batch running on Ctrl-C, says how to look at it and cancel it, and ends with 130', async () => {
  const [jobId = ''] = addJobs(stage, 801, 1, { steps: STARTING });
  const call = stage.begin('restart', '--all', '--name', 'left', '--timeout', '10m');
  await call.says('1 job to restart');
  call.process.kill('SIGINT');
  const { code, stderr } = await call.ended;
  expect(code).toBe(130);
  const workflowId = batchId(stage.projectId, 'left');
  expect(stderr).toContain('the batch goes on');
  for (const verb of ['status', 'cancel']) {
    expect(stderr).toContain(`modelarts-restarter ${verb} ${workflowId}`);
  }
  const handle = stage.client.workflow.getHandle(workflowId);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await eventually(() => stage.simulator.acceptedRestarts(jobId) === 1 || undefined);
  await handle.terminate();
});

it('ends with 1 and the code where ModelArts refuses the list', async () => {
  const refusal = { status: 403, code: 'ModelArts.0108', message: 'no right' };
  stage.simulator.fault({ operation: 'list', kind: 'refuse', ...refusal });
  const { code, stdout, stderr } = await stage.run('restart', '--all', '--json');
  expect(code).toBe(1);
  expect(stderr).toContain('ModelArts.0108: no right');
  expect(JSON.parse(stdout)).toMatchObject({ error: { type: 'ModelArts.0108' } });
});

it('ends with 1 where somebody cancels it before it has found its jobs', async () => {
  stage.simulator.fault({ operation: 'list', kind: 'throttle', retryAfter: 60, times: 9 });
  const call = stage.begin('restart', '--all', '--name', 'canceled');
  await call.says('batch restarts:');
  expect((await stage.run('cancel', 'canceled')).code).toBe(0);
  const { code, stderr } = await call.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('canceled before it had found its jobs');
});

it('ends with 1 where the batch is canceled and no worker is left to tell how its jobs ended', async () => {
  const [quick, slow] = [addJobs(stage, 1_901, 1), addJobs(stage, 1_911, 2, { steps: STARTING })];
  let isWorkerGone = false;
  const { lazy } = Connection;
  Connection.lazy = (options) => {
    const connection = lazy.call(Connection, options);
    const { workflowService } = connection;
    const query = workflowService.queryWorkflow.bind(workflowService);
    workflowService.queryWorkflow = ((...args: Parameters<typeof query>) => {
      // What Temporal answers after a while.
      const late = Object.assign(new Error('late'), { code: 4, details: 'late', metadata: {} });
      return isWorkerGone ? Promise.reject(late) : query(...args);
    }) as typeof workflowService.queryWorkflow;
    return connection;
  };
  const flags = ['--name', 'left-alone', '--max-concurrent', '1', '--json', ...QUICK];
  const call = stage.run('restart', ...quick, ...slow, ...flags);
  await untilWaiting(stage, slow[0]!);
  // The call has seen that one is running.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  isWorkerGone = true;
  await stage.client.workflow.getHandle(batchId(stage.projectId, 'left-alone')).cancel();
  const { code, stdout, stderr } = await call;
  Connection.lazy = lazy;
  expect(JSON.parse(stdout)).toMatchObject({ total: 3, running: 1 });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('canceled') });
});
