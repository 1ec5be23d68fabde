import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { DEFAULT_NEXUS_ENDPOINT, nexusEndpoint } from '../../src/client/index.js';
import { startDevServer } from '../../scripts/dev-server.mjs';
import { eventually } from '../setup/stage.js';
import { temporalCli } from '../setup/temporal.js';
import { callCli } from './call-cli.js';
import { doctor } from './call-doctor.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage({ list: true });
});
afterAll(() => stage.close());

it('doctor only notes missing search attributes and the Nexus endpoint; setup makes them, the endpoint only when asked, and is idempotent', async () => {
  const namespace = `cli-${randomUUID()}`;
  await stage.env.connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const variables = { ...stage.withModelArts, TEMPORAL_NAMESPACE: namespace };
  const notes = await eventually(async () => {
    const { findings } = await doctor(variables);
    const found = findings.filter(({ check }) => /^(search attr|Nexus)/.test(check));
    return found.length > 0 ? found : undefined;
  });
  const todo = expect.stringContaining('modelarts-restarter setup') as string;
  expect(notes).toMatchObject([
    { check: 'search attributes', result: 'note', todo },
    {
      check: 'Nexus endpoint',
      result: 'note',
      todo: expect.stringContaining('modelarts-restarter setup --nexus') as string,
    },
  ]);

  const plain = await callCli(['setup'], variables);
  expect(plain).toMatchObject({ code: 0, stdout: expect.not.stringContaining('Nexus') as string });
  expect(plain.stdout).toContain(`ModelArtsJobId: registered in the namespace ${namespace}`);
  expect((await doctor(variables)).result('Nexus endpoint')).toBe('note');

  const endpoint = `doors-${randomUUID()}`;
  const first = await callCli(['setup', '--nexus-endpoint', endpoint], variables);
  expect(first.code).toBe(0);
  const taskQueue = stage.variables['TEMPORAL_TASK_QUEUE'];
  expect(first.stdout).toContain(
    `Nexus endpoint ${endpoint}: created; it leads to the task queue ${taskQueue} in the namespace ${namespace}`,
  );
  await eventually(async () =>
    (await doctor(variables)).result('search attributes') === 'ok' ? true : undefined,
  );
  const { findings } = await doctor(variables);
  expect(findings.find(({ check }) => check === 'Nexus endpoint')).toMatchObject({
    result: 'ok',
    message: `leads to the task queue ${taskQueue}: ${endpoint}`,
  });
  const second = await callCli(['setup', '--json', '--nexus-endpoint', endpoint], variables);
  expect(second.code).toBe(0);
  expect(JSON.parse(second.stdout)).toEqual({
    namespace,
    added: [],
    already: ['ModelArtsJobId', 'ModelArtsOutcome', 'ModelArtsErrorCode', 'ModelArtsBatch'],
    ofAnotherType: [],
    nexusEndpoint: { name: endpoint, namespace, taskQueue },
    obstacles: [],
  });

  const elsewhere = { ...variables, TEMPORAL_TASK_QUEUE: 'another-queue' };
  const third = await callCli(['setup', '--nexus-endpoint', endpoint], elsewhere);
  expect(third.code).toBe(1);
  expect(third.stderr).toContain(`leads to the task queue ${taskQueue}`);
  expect(third.stderr).toContain(`temporal operator nexus endpoint update --name ${endpoint} `);
  expect(await nexusEndpoint(stage.env.client, endpoint)).toEqual({ namespace, taskQueue });
});

it('creates the endpoint of the default name by --nexus alone', async () => {
  // A server of its own, because an endpoint is the whole server's.
  const server = await startDevServer({ cli: temporalCli() });
  const connection = await Connection.connect({ address: server.address });
  try {
    const target = { namespace: 'default', taskQueue: stage.taskQueue };
    const variables = { ...stage.withModelArts, TEMPORAL_ADDRESS: server.address };
    const endpoint = () => nexusEndpoint(new Client({ connection }), DEFAULT_NEXUS_ENDPOINT);
    expect((await callCli(['setup'], variables)).code).toBe(0);
    expect(await endpoint()).toBeUndefined();
    const { code, stdout } = await callCli(['setup', '--nexus'], variables);
    expect(code).toBe(0);
    expect(stdout).toContain(`Nexus endpoint ${DEFAULT_NEXUS_ENDPOINT}: created`);
    expect(await endpoint()).toEqual(target);
  } finally {
    await connection.close();
    await server.close();
  }
});

it('says of a Nexus endpoint that Temporal does not take why, and registers the rest', async () => {
  const end = await callCli(['setup', '--nexus-endpoint', 'not a name'], stage.withModelArts);
  expect(end.code).toBe(1);
  expect(end.stderr).toContain('The Nexus endpoint not a name could not be created: ');
  expect(end.stdout).toContain('ModelArtsJobId: ');
});

it('says of a search attribute that is of another type what to do', async () => {
  const namespace = `cli-${randomUUID()}`;
  const { workflowService, operatorService } = stage.env.connection;
  await workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const INT = 3;
  await eventually(() =>
    operatorService
      .addSearchAttributes({ namespace, searchAttributes: { ModelArtsJobId: INT } })
      .catch(() => undefined),
  );
  const variables = { ...stage.withModelArts, TEMPORAL_NAMESPACE: namespace };
  const { code, stderr } = await eventually(async () => {
    const end = await callCli(['setup', '--nexus-endpoint', `doors-${namespace}`], variables);
    return end.code === 0 ? undefined : end;
  });
  expect(code).toBe(1);
  expect(stderr).toContain('ModelArtsJobId: is there, but not as Keyword');
  const found = await doctor(variables);
  expect(found.result('search attributes')).toBe('note');
});

it('says that there is no such namespace, and what to set', async () => {
  const variables = { ...stage.withModelArts, TEMPORAL_NAMESPACE: 'nope' };
  const { code, stderr } = await callCli(['setup'], variables);
  expect(code).toBe(1);
  expect(stderr).toMatch(/has no namespace "nope": set TEMPORAL_NAMESPACE/);
  expect(stderr).not.toContain('Restarts work without them');
  const { findings } = await doctor(variables);
  const found = findings.find(({ check }) => check === 'namespace');
  expect(found?.message).toMatch(/^Namespace nope is not found/);
});
