import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { restartId } from '../../src/domain/ids.js';
import { freePort } from '../e2e/free-port.js';
import { eventually, progressWhen } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { CLI, runCli, startProcess } from './cli-process.js';
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
  await eventually(() => handle.describe().catch(() => undefined));
  await progressWhen(handle, ({ phase }) => phase === 'waiting');
  // The call asks each second.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
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
  expect(Date.now() - startedAt).toBeLessThan(15_000);
  expect(code).toBe(1);
  expect(stderr).toContain(`nobody listens on the task queue ${taskQueue}`);
  expect(stderr).toContain('modelarts-restarter worker');
  expect(JSON.parse(stdout)).toMatchObject({ error: { type: 'NoWorker' } });
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '66'));
  await expect(handle.describe()).rejects.toThrow();
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

it('says how to go on where --detach is interrupted, too', async () => {
  stage.simulator.addJob({ jobId: '67', status: 9 });
  const call = stage.begin('restart', '67', '--detach', '--json');
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '67'));
  await eventually(() => handle.describe().catch(() => undefined));
  call.process.kill('SIGINT');
  const { code, stdout, stderr } = await call.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('modelarts-restarter cancel 67 --project');
  expect(JSON.parse(stdout)).toEqual({ workflowId: handle.workflowId, interrupted: true });
  await handle.terminate();
});

it('ends with 130 where its reader goes away before the restart got there', async () => {
  stage.simulator.addJob({ jobId: '69', status: 12, timelines: { restart: [] } });
  const program = `'${process.execPath}' '${CLI}' restart 69 --settle-time 4s; echo "code $?" >&2`;
  const { stderr } = await startProcess(
    'sh',
    ['-c', `{ ${program}; } | head -n 1`],
    stage.variables,
  ).ended;
  expect(stderr).toContain('code 130');
});

it('ends with 2 for an address that is none, and with 3 where what answers is no Temporal', async () => {
  const url = { ...stage.variables, TEMPORAL_ADDRESS: 'http://127.0.0.1:7233' };
  const bad = await runCli(['restart', '10'], url);
  expect(bad).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('<host>:<port>') as string,
  });

  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const end = await runCli(['restart', '10'], { ...stage.variables, TEMPORAL_ADDRESS: address });
  server.close();
  expect(end).toMatchObject({ code: 3, stderr: expect.stringContaining(address) as string });
});
