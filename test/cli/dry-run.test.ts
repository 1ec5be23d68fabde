import { batchId, restartId } from '../../src/domain/ids.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage({ list: true });
  stage.simulator.addJob({ jobId: '10', status: 12, name: 'loss' });
  stage.simulator.addJob({ jobId: '11', status: 11, name: 'graph' });
  stage.simulator.addJob({ jobId: '12', status: 8, name: 'up' });
  stage.simulator.addJob({ jobId: '14', status: 12, name: 'other', workspaceId: 'w1' });
});
afterEach(async () => {
  expect(stage.simulator.requests({ operation: 'restart' })).toEqual([]);
  for (const jobId of ['10', '11', '12', '14']) {
    const handle = stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
    await expect(handle.describe()).rejects.toThrow();
  }
});
afterAll(() => stage.close());

it('says of each job what would be sent, with its name and status, and sends nothing', async () => {
  const args = ['restart', '12', '14', '99', '--dry-run', '--if-running', 'stop'];
  const { code, stdout } = await stage.runWithModelArts(...args);
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split('\n');
  expect(rows.slice(0, 4).map((row) => row.split(/ +/))).toEqual([
    ['JOB', 'NAME', 'STATUS', 'WORKFLOW'],
    ['12', 'up', 'RUNNING', restartId(stage.projectId, '12')],
    // The list does not show another workspace, so that job is looked at by itself.
    ['14', 'KILLED', restartId(stage.projectId, '14')],
    ['99', '?', restartId(stage.projectId, '99')],
  ]);
  expect(rows[4]).toMatch(/^options +\{"ifRunning":"stop","requestedBy":"/);
  expect(rows[5]).toContain('nothing was sent');
});

it('works without settings for ModelArts where ids are given, and says what is missing', async () => {
  const { code, stdout, stderr } = await stage.run('restart', '10', '--dry-run');
  expect(code).toBe(0);
  expect(stderr).toContain('the settings for ModelArts are not set here');
  expect(stdout).toMatch(/^10 +\? +restart:/m);
});

it('finds the jobs of a selection, and prints one document with --json', async () => {
  const flags = ['--status', 'KILLED,FAILED', '--name', 'nightly', '--max-concurrent', '5'];
  const args = ['restart', ...flags, '--timeout', '1h', '--dry-run', '--json'];
  const { code, stdout } = await stage.runWithModelArts(...args);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    dryRun: true,
    projectId: stage.projectId,
    batch: batchId(stage.projectId, 'nightly'),
    select: { status: ['KILLED', 'FAILED'] },
    options: {
      timeout: '1h',
      maxConcurrent: 5,
      name: 'nightly',
      requestedBy: expect.any(String) as string,
    },
    jobs: [
      {
        jobId: '10',
        name: 'loss',
        status: { code: 12, name: 'KILLED' },
        workflowId: restartId(stage.projectId, '10'),
      },
      {
        jobId: '11',
        name: 'graph',
        status: { code: 11, name: 'FAILED' },
        workflowId: restartId(stage.projectId, '11'),
      },
    ],
  });
  const handle = stage.client.workflow.getHandle(batchId(stage.projectId, 'nightly'));
  await expect(handle.describe()).rejects.toThrow();
});

it('says that a selection matches nothing, and ends with 0', async () => {
  const args = ['restart', '--search', 'nobody', '--dry-run'];
  const { code, stdout } = await stage.runWithModelArts(...args);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'No job matches: nothing would be sent.\n' });
});

it('ends with 2 for a selection where ModelArts can’t be asked', async () => {
  const { code, stderr } = await stage.run('restart', '--all', '--dry-run');
  expect(code).toBe(2);
  expect(stderr).toContain('HW_REGION_NAME');
});

it('refuses a selection of more jobs than a batch takes, as the batch would', async () => {
  for (let id = 0; id <= 10_000; id += 1) {
    stage.simulator.addJob({ jobId: String(100_000 + id), status: 0, name: 'crowd' });
  }
  const args = ['restart', '--search', 'crowd', '--dry-run'];
  const { code, stdout, stderr } = await stage.runWithModelArts(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('select matches more than 10000 jobs');
});
