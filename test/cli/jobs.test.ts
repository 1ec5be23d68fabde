import { restartId } from '../../src/domain/ids.js';
import { eventually } from '../setup/stage.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage({ list: true, simulator: { quirks: { perPageMax: 2 } } });
  stage.simulator.addJob({ jobId: '9', status: 12, name: 'loss' });
  stage.simulator.addJob({ jobId: '10', status: 8, name: 'graph' });
  stage.simulator.addJob({ jobId: '11', status: 11, name: 'loss-2' });
  stage.simulator.addJob({ jobId: '12', status: 12, name: 'slow', timelines: { restart: [] } });
  stage.simulator.addJob({ jobId: '13', status: 99, name: 'odd' });
  stage.simulator.addJob({ jobId: '14', status: 12, name: 'other', workspaceId: 'w1' });
});
afterAll(() => stage.close());

const ids = async (...flags: string[]): Promise<string[]> => {
  const { code, stdout } = await stage.runWithModelArts('jobs', '--json', ...flags);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { jobId: string }[]).map(({ jobId }) => jobId);
};

it('lists the jobs of all pages, with id, name and status', async () => {
  const { code, stdout, stderr } = await stage.runWithModelArts('jobs');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toEqual([
    'JOB  NAME    STATUS      RESTART',
    '9    loss    KILLED',
    '10   graph   RUNNING',
    '11   loss-2  FAILED',
    '12   slow    KILLED',
    '13   odd     UNKNOWN_99',
  ]);
});

it('narrows by statuses, by name and by workspace', async () => {
  expect(await ids('--status', 'KILLED')).toEqual(['9', '12']);
  expect(await ids('--status', 'KILLED, 11,99')).toEqual(['9', '11', '12', '13']);
  expect(await ids('--search', 'loss', '--status', 'FAILED,KILLED')).toEqual(['9', '11']);
  expect(await ids('--workspace', 'w1')).toEqual(['14']);
});

it('shows the restart under way of each, by one listing of Temporal', async () => {
  const { workflowId } = await stage.start({ jobId: '12', settleTime: '10m', timeout: '1h' });
  const shown = await eventually(async () => {
    const { stdout } = await stage.runWithModelArts('jobs', '--json', '--status', 'KILLED');
    const rows = JSON.parse(stdout) as { jobId: string; restart: object | null }[];
    return rows.some(({ restart }) => restart !== null) ? rows : undefined;
  });
  expect(shown).toEqual([
    { jobId: '9', name: 'loss', status: { code: 12, name: 'KILLED' }, restart: null },
    {
      jobId: '12',
      name: 'slow',
      status: { code: 12, name: 'KILLED' },
      restart: {
        workflowId,
        runId: expect.any(String) as string,
        startedAt: expect.stringMatching(/^20.*Z$/) as string,
      },
    },
  ]);
  const { stdout } = await stage.runWithModelArts('jobs');
  expect(stdout).toMatch(/^12 +slow +KILLED +under way for \d+m?s$/m);
  await stage.client.workflow.getHandle(restartId(stage.projectId, '12')).terminate();
});

it('waits through throttling', async () => {
  const fault = stage.simulator.fault({ operation: 'list', kind: 'throttle', retryAfter: 1 });
  expect(await ids('--status', 'FAILED')).toEqual(['11']);
  expect(fault.fired).toBe(1);
});

it('says in a sentence that there is none, and ends with 0', async () => {
  const none = await stage.runWithModelArts('jobs', '--search', 'nobody');
  expect(none).toMatchObject({ code: 0, stdout: 'No job matches.\n' });
  const json = await stage.runWithModelArts('jobs', '--search', 'nobody', '--json');
  expect(JSON.parse(json.stdout)).toEqual([]);
});

it('ends with 1 and the code where ModelArts refuses its list', async () => {
  const refusal = { status: 403, code: 'ModelArts.0108', message: 'no right' };
  const fault = stage.simulator.fault({ operation: 'list', kind: 'refuse', ...refusal });
  const { code, stdout, stderr } = await stage.runWithModelArts('jobs', '--json');
  expect(fault.fired).toBe(1);
  expect(code).toBe(1);
  expect(stderr).toContain('ModelArts.0108: no right');
  expect(JSON.parse(stdout)).toMatchObject({ error: { type: 'JobsNotRead' } });
});

it('ends with 2 where the settings for ModelArts are not set, and for a status that is none', async () => {
  const unset = await stage.run('jobs');
  expect(unset.code).toBe(2);
  expect(unset.stderr).toContain('HW_REGION_NAME');
  const unknown = await stage.runWithModelArts('jobs', '--status', 'FAILD');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('did you mean "FAILED"?');
});
