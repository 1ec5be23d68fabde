import { restartId } from '../../src/domain/restart-id.js';
import { freePort } from '../e2e/free-port.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { runCli } from './cli-process.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
});
afterAll(() => stage.close());

it.each(['SIGINT', 'SIGTERM'] as const)(
  'leaves the restart running on %s, says how to go on, and ends with 130',
  async (signal) => {
    const jobId = signal === 'SIGINT' ? '63' : '64';
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: [] } });
    const call = stage.begin('restart', jobId, '--settle-time', '10m');
    await call.says('ModelArts took the restart');
    call.process.kill(signal);
    const { code, stderr } = await call.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('goes on');
    for (const verb of ['restart', 'status', 'cancel']) {
      expect(stderr).toContain(`modelarts-restarter ${verb} ${jobId} --project`);
    }
    const handle = stage.client.workflow.getHandle(restartId(stage.projectId, jobId));
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  },
);

it('prints what is known so far, as one document, where it is interrupted with --json', async () => {
  stage.simulator.addJob({ jobId: '65', status: 12, timelines: { restart: [] } });
  const call = stage.begin('restart', '65', '--settle-time', '10m', '--json');
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '65'));
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  call.process.kill('SIGINT');
  const { code, stdout } = await call.ended;
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, jobId: '65', phase: 'waiting' });
  await handle.terminate();
});

it('says within seconds that no worker listens, and how to start one; ends with 1', async () => {
  const taskQueue = uniqueTaskQueue('nobody');
  const startedAt = Date.now();
  const { code, stderr, stdout } = await runCli(['restart', '66', '--json'], {
    ...stage.variables,
    TEMPORAL_TASK_QUEUE: taskQueue,
  });
  expect(Date.now() - startedAt).toBeLessThan(8_000);
  expect(code).toBe(1);
  expect(stderr).toContain(`nobody listens on the task queue ${taskQueue}`);
  expect(stderr).toContain('modelarts-restarter worker');
  expect(JSON.parse(stdout)).toMatchObject({ error: { type: 'NoWorker' } });
  await stage.client.workflow.getHandle(restartId(stage.projectId, '66')).terminate();
});

it('ends with 3 and the address that it tried where Temporal does not answer', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const variables = { ...stage.variables, TEMPORAL_ADDRESS: address };
  const { code, stderr, stdout } = await runCli(['restart', '67', '--json'], variables);
  expect(code).toBe(3);
  expect(stderr).toContain(`Temporal does not answer at ${address}`);
  expect(JSON.parse(stdout)).toMatchObject({ error: { type: 'TemporalUnreachable' } });
});

it('ends with 3 where Temporal does not have the namespace', async () => {
  const variables = { ...stage.variables, TEMPORAL_NAMESPACE: 'nowhere' };
  const { code, stderr } = await runCli(['restart', '68'], variables);
  expect(code).toBe(3);
  expect(stderr).toContain('the namespace nowhere');
});
