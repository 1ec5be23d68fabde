import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import type { RestartOutcome } from '../../src/domain/outcome.js';
import { restartId } from '../../src/domain/restart-id.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from '../e2e/worker-process.js';
import { beQuiet, endOf, eventually, progressWhen } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import type { Seen } from './callers.js';

/*
 * The real worker, behind a real endpoint. The callers are workflows of another program, on a task
 * queue of their own.
 */
const endpoint = `restarts-${randomUUID()}`;
const restartsQueue = uniqueTaskQueue();
const callersQueue = uniqueTaskQueue('callers');
let env: TestWorkflowEnvironment;
let simulator: Simulator;
let restarts: WorkerProcess;
let callers: Worker;
let callersRun: Promise<void>;

beforeAll(async () => {
  beQuiet();
  execFileSync(process.execPath, [path.join(__dirname, '..', '..', 'scripts', 'build.mjs')]);
  [env, simulator] = await Promise.all([connectToTestServer(), startSimulator()]);
  await env.connection.operatorService.createNexusEndpoint({
    spec: {
      name: endpoint,
      target: { worker: { namespace: 'default', taskQueue: restartsQueue } },
    },
  });
  restarts = startWorkerProcess({
    TEMPORAL_ADDRESS: env.address,
    TEMPORAL_TASK_QUEUE: restartsQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: 'a-token-of-the-test',
  });
  await restarts.logged('Listening');
  callers = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: callersQueue,
    workflowsPath: require.resolve('./callers.ts'),
  });
  callersRun = callers.run();
});
afterAll(async () => {
  callers.shutdown();
  await callersRun;
  expect(await restarts.end('SIGTERM')).toBe(0);
  endAllWorkers();
  await simulator.close();
  await env.teardown();
});

const STARTING = [{ afterMs: 0, status: 7 }];
const job = (jobId: string, status = 12): void =>
  simulator.addJob({ jobId, status, timelines: { restart: STARTING } });
const quick = (jobId: string) => ({ jobId, pollInterval: '1s', settleTime: '2s', timeout: '30s' });
const theRestart = (jobId: string): WorkflowHandle =>
  env.client.workflow.getHandle(restartId(simulator.projectId, jobId));
const requests = (jobId: string): number =>
  simulator.requests({ jobId, operation: 'restart' }).length;

const call = (
  input: unknown,
  { type = 'tellingCaller', at = endpoint } = {},
): Promise<WorkflowHandle> =>
  env.client.workflow.start(type, {
    taskQueue: callersQueue,
    workflowId: `caller-${randomUUID()}`,
    args: [at, input],
  });
const told = async (caller: WorkflowHandle) =>
  (await caller.result()) as { outcome?: RestartOutcome } & Partial<Seen>;

/** The workflow that stands behind a caller's operation, once it follows the restart. */
async function wrapperOf(caller: WorkflowHandle): Promise<WorkflowHandle> {
  return eventually(async () => {
    const { events } = await caller.fetchHistory();
    const started = events?.find((event) => event.nexusOperationStartedEventAttributes);
    const workflowId = started?.links?.[0]?.workflowEvent?.workflowId;
    return workflowId ? env.client.workflow.getHandle(workflowId) : undefined;
  });
}

async function following(caller: WorkflowHandle): Promise<WorkflowHandle> {
  const wrapper = await wrapperOf(caller);
  await progressWhen(wrapper, ({ restart }) => restart !== undefined);
  return wrapper;
}

/** One caller whose restart is under way, and another that joined it. */
async function twoCallers(jobId: string) {
  job(jobId);
  const starter = await call(quick(jobId));
  await following(starter);
  await progressWhen(theRestart(jobId), ({ last }) => last?.code === 7);
  const joiner = await call(quick(jobId));
  await following(joiner);
  return { starter, joiner };
}

describe('one caller', () => {
  it('gets the outcome, from a workflow that is named after its request', async () => {
    job('901');
    const caller = await call(quick('901'));
    const wrapper = await following(caller);
    expect(wrapper.workflowId).toMatch(/^nexus-restart:[0-9a-f-]{36}$/);
    await progressWhen(theRestart('901'), ({ last }) => last?.code === 7);
    simulator.setStatus('901', 8);
    const { outcome } = await told(caller);
    expect(outcome).toMatchObject({ outcome: 'running', jobId: '901', attached: false });
    expect(await endOf(wrapper)).toEqual({ status: 'completed', outcome });
    expect(await endOf(theRestart('901'))).toEqual({ status: 'completed', outcome });
  });

  it('may give a bare job id', async () => {
    simulator.addJob({
      jobId: '902',
      status: 12,
      timelines: { restart: [{ afterMs: 0, status: 8 }] },
    });
    expect(await told(await call(902))).toMatchObject({ outcome: { jobId: '902' } });
  });

  it('sees a refusal as ModelArts’ code, with the outcome as detail', async () => {
    job('903', 8);
    expect(await told(await call(quick('903')))).toEqual({
      error: 'NexusOperationFailure',
      endpoint,
      service: 'modelarts-restarts',
      operation: 'restartVisualizationJob',
      cause: {
        error: 'ApplicationFailure',
        type: 'ModelArts.0105',
        message: expect.stringMatching(/^ModelArts\.0105: /),
        nonRetryable: true,
        details: [expect.objectContaining({ outcome: 'refused', jobId: '903', attached: false })],
      },
    });
  });

  it('sees bad input as InvalidInput, and no request is sent', async () => {
    job('904');
    const { cause } = await told(await call({ ...quick('904'), timout: '1m' }));
    expect(cause).toMatchObject({ error: 'ApplicationFailure', type: 'InvalidInput', details: [] });
    expect(cause?.message).toContain('did you mean "timeout"?');
    expect((await told(await call('ten'))).cause?.type).toBe('InvalidInput');
    expect((await told(await call(undefined))).cause?.type).toBe('InvalidInput');
    expect(requests('904')).toBe(0);
  });

  it('fails with the operation’s failure where it catches nothing', async () => {
    job('905', 8);
    const caller = await call(quick('905'), { type: 'plainCaller' });
    const failure: unknown = await caller.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect((failure as WorkflowFailedError).cause).toMatchObject({
      name: 'NexusOperationFailure',
      cause: { name: 'ApplicationFailure', type: 'ModelArts.0105' },
    });
  });
});

describe('two callers for one job', () => {
  it('share one restart, and the second says that it joined', async () => {
    const { starter, joiner } = await twoCallers('911');
    simulator.setStatus('911', 8);
    const [first, second] = await Promise.all([told(starter), told(joiner)]);
    expect(first.outcome).toMatchObject({ outcome: 'running', attached: false });
    expect(second.outcome).toEqual({ ...first.outcome, attached: true });
    expect(requests('911')).toBe(1);
  });

  it('the one that joined is cancelled: it takes nothing from the other', async () => {
    const { starter, joiner } = await twoCallers('912');
    await joiner.cancel();
    expect(await told(joiner)).toMatchObject({
      error: 'NexusOperationFailure',
      cause: { error: 'CancelledFailure' },
    });
    expect((await theRestart('912').describe()).status.name).toBe('RUNNING');
    simulator.setStatus('912', 8);
    expect((await told(starter)).outcome).toMatchObject({ outcome: 'running' });
  });

  it('the one that started it is cancelled: the restart is, and the other is told so', async () => {
    const { starter, joiner } = await twoCallers('913');
    await starter.cancel();
    expect(await told(starter)).toMatchObject({ cause: { error: 'CancelledFailure' } });
    expect(await endOf(theRestart('913'))).toEqual({ status: 'canceled' });
    expect((await told(joiner)).cause).toMatchObject({
      type: 'RestartCanceled',
      details: [{ outcome: 'canceled', attached: true, last: { name: 'WAITING' } }],
    });
    expect(requests('913')).toBe(1);
  });

  it('a restart that somebody else started is cancelled by none of them', async () => {
    job('914');
    const other = await env.client.workflow.start('restartVisualizationJob', {
      taskQueue: restartsQueue,
      workflowId: restartId(simulator.projectId, '914'),
      args: [quick('914')],
    });
    await progressWhen(other, ({ last }) => last?.code === 7);
    const both = await Promise.all([call(quick('914')), call(quick('914'))]);
    for (const caller of both) await following(caller);
    for (const caller of both) await caller.cancel();
    for (const caller of both) expect((await told(caller)).cause?.error).toBe('CancelledFailure');
    simulator.setStatus('914', 8);
    expect(await endOf(other)).toMatchObject({ status: 'completed', outcome: { attached: false } });
  });
});
