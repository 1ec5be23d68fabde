import type { BatchDescription } from '../../src/client/index.js';
import { batchId, restartId } from '../../src/domain/ids.js';
import { eventually } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { addJobs, STARTING, untilWaiting } from '../workflows/batches.js';
import { openCliStage, QUICK, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
  addJobs(stage, 1, 1);
  addJobs(stage, 2, 1, { status: 8 });
  addJobs(stage, 3, 1, { steps: STARTING });
  await stage.run('restart', '1', '2', '--name', 'over', ...QUICK);
  const labels = ['--name', 'under-way', '--reason', 'a test'];
  await stage.run('restart', '3', ...labels, '--timeout', '10m', '--detach');
  await untilWaiting(stage, '3');
});
afterAll(() => stage.close());

it('status shows a batch by its name and by its workflow id: counts, failures, what it waits for', async () => {
  const over = await stage.run('status', 'over');
  expect(over.code).toBe(0);
  expect(over.stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(`^batch     ${batchId(stage.projectId, 'over')}, started 20.*Z$`),
    '████████████████████ 2/2 · 1 running · 1 refused',
    'ended',
    'JOB  OUTCOME  CODE',
    '2    refused  ModelArts.0105',
  ]);
  const { stdout } = await stage.run('status', batchId(stage.projectId, 'under-way'));
  expect(stdout).toContain('░░░░░░░░░░░░░░░░░░░░ 0/1 · 1 under way\nunder way: 3\n');
  const json = await stage.run('status', 'under-way', '--json');
  expect(JSON.parse(json.stdout) as BatchDescription).toMatchObject({
    workflowId: batchId(stage.projectId, 'under-way'),
    running: true,
    progress: { phase: 'restarting', total: 1, underWay: 1, jobs: ['3'] },
  });
});

it('status and cancel end with 1 where there is no such batch', async () => {
  for (const verb of ['status', 'cancel']) {
    const { code, stderr } = await stage.run(verb, 'nobody');
    expect(code).toBe(1);
    expect(stderr).toContain(`${batchId(stage.projectId, 'nobody')}: no batch of this name is`);
  }
});

it('status takes the workflow id of a restart too, and refuses digits that are no job id', async () => {
  const { code, stdout } = await stage.run('status', restartId(stage.projectId, '1'));
  expect(code).toBe(0);
  expect(stdout).toContain('✓ job 1 is running');
  const bad = await stage.run('status', '010');
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('jobId must be');
});

it('list shows batches, and the batch to which a restart belongs', async () => {
  const stdout = await eventually(async () => {
    const { stdout: text } = await stage.run('list', '--project', stage.projectId);
    return text.trimEnd().split('\n').length === 6 ? text : undefined;
  });
  const rows = stdout.trimEnd().split('\n');
  expect(rows[0]!.split(/ +/)).toEqual([
    'PROJECT',
    'JOB',
    'STATUS',
    'OUTCOME',
    'CODE',
    'SINCE',
    'WHO',
    'REASON',
    'BATCH',
  ]);
  expect(rows[1]).toMatch(
    /^\w{32} +batch under-way +under way +0 of 1 got there +\S+Z +\S+@\S+ +a test$/,
  );
  expect(rows[2]).toMatch(/^\w{32} +3 +WAITING +under way .* under-way$/);
  expect(stdout).toMatch(/^\w{32} +batch over +ended +1 of 2 got there +\S+Z +\S+@\S+$/m);
  expect(stdout).toMatch(/^\w{32} +2 +RUNNING +refused +ModelArts\.0105 .* over$/m);
  const json = await stage.run('list', '--project', stage.projectId, '--json');
  const listed = JSON.parse(json.stdout) as object[];
  expect(listed[0]).toMatchObject({ type: 'batch', name: 'under-way', running: true });
  expect(listed[1]).toMatchObject({
    type: 'restart',
    jobId: '3',
    batch: { name: 'under-way', workflowId: batchId(stage.projectId, 'under-way') },
  });
});

it('list leaves batches out where it is narrowed to a job or an outcome, and narrows them by --running', async () => {
  const types = async (...flags: string[]) => {
    const { stdout } = await stage.run('list', '--project', stage.projectId, '--json', ...flags);
    return (JSON.parse(stdout) as { type: string }[]).map(({ type }) => type);
  };
  expect(await types('--running')).toEqual(['batch', 'restart']);
  expect(await types('--job', '3')).toEqual(['restart']);
  expect(await types('--outcome', 'refused')).toEqual(['restart']);
  expect(await types('--limit', '1')).toEqual(['batch']);
});

it('jobs says to which batch the restart under way of a job belongs', async () => {
  const other = await openCliStage({ list: true });
  try {
    addJobs(other, 7, 1, { steps: STARTING });
    await other.run('restart', '7', '--name', 'of-jobs', '--timeout', '10m', '--detach');
    await untilWaiting(other, '7');
    await eventually(async () => {
      const { stdout } = await other.runWithModelArts('jobs');
      return /^7 +job-7 +WAITING +under way for \d+m?s +of-jobs$/m.test(stdout) || undefined;
    });
    await other.run('cancel', 'of-jobs', '--terminate');
    await other.run('cancel', '7', '--terminate');
  } finally {
    await other.close();
  }
});

it('cancel ends a batch and the restarts that it started', async () => {
  const { code, stdout } = await stage.run('cancel', 'under-way');
  expect(code).toBe(0);
  expect(stdout).toContain(`batch ${batchId(stage.projectId, 'under-way')} is asked to end`);
  const ended = await eventually(async () => {
    const { stdout: text } = await stage.run('status', 'under-way');
    return text.includes('canceled\n') ? text : undefined;
  });
  expect(ended).toMatch(/^3 +canceled$/m);
  const again = await stage.run('cancel', 'under-way', '--json');
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { type: 'RestartNotFound' } });
});

it('cancel ends with 1 where no worker hears of it, and --terminate ends the batch all the same', async () => {
  const workflowId = batchId(stage.projectId, 'waits');
  const handle = await stage.client.workflow.start('restartVisualizationJobs', {
    workflowId,
    taskQueue: uniqueTaskQueue('nope'),
    args: [{ jobIds: ['1'] }],
  });
  const asked = await stage.run('cancel', 'waits');
  expect(asked.code).toBe(1);
  expect(asked.stderr).toContain(`modelarts-restarter cancel ${workflowId} --terminate`);
  expect((await stage.run('cancel', 'waits', '--terminate')).code).toBe(0);
  expect((await handle.describe()).status.name).toBe('TERMINATED');
});

it('status and cancel take no workflow that is something else than a restart or a batch', async () => {
  addJobs(stage, 21, 1, { steps: STARTING });
  // As a schedule starts it: it follows the restart of the job.
  const follower = `schedule:${restartId(stage.projectId, '21')}-2026-01-01T00:00:00Z`;
  const handle = await stage.start({ jobId: '21', timeout: '10m' }, follower);
  await untilWaiting(stage, '21');
  for (const verb of ['status', 'cancel']) {
    const { code, stderr } = await stage.run(verb, follower);
    expect([verb, code, stderr]).toEqual([verb, 1, expect.stringContaining('is no batch')]);
  }
  // A list that lags could not show this.
  const { events } = await handle.fetchHistory();
  const asked = events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes);
  expect([asked, (await handle.describe()).status.name]).toEqual([false, 'RUNNING']);
  await handle.cancel();
});
