import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { inCache, inRoot } from '../../scripts/project.mjs';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf, eventually, progressWhen } from '../setup/stage.js';
import { connectToTestServer, nextBundle, uniqueTaskQueue } from '../setup/temporal.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

/*
 * Version 1 is the worker as it is. Version 2 is the same with the workflows of a release to come, which
 * have one command more. The steps build on one another.
 */
const deploymentName = `rolling-${randomUUID()}`;
const taskQueue = uniqueTaskQueue('rolling');

/** Far less than the minute after which a wait moves without being handed over. */
const SECONDS = 15_000;

const STARTING = [{ afterMs: 0, status: 7 }];

let env: TestWorkflowEnvironment;
let simulator: Simulator;
let nextRelease: string;

beforeAll(async () => {
  env = await connectToTestServer();
  simulator = await startSimulator();
  nextRelease = mkdtempSync(inCache('test', 'next-'));
  for (const part of ['package.json', 'dist']) {
    cpSync(inRoot(part), path.join(nextRelease, part), { recursive: true });
  }
  cpSync(nextBundle(), path.join(nextRelease, 'dist', 'workflow-bundle.cjs'));
});
afterAll(async () => {
  endAllWorkers();
  rmSync(nextRelease, { recursive: true, force: true });
  await simulator.close();
  await env.teardown();
});

jest.setTimeout(180_000);

/** Starts a worker of a version, and waits until Temporal knows the version. */
async function start(buildId: 'v1' | 'v2'): Promise<WorkerProcess> {
  const variables = {
    TEMPORAL_ADDRESS: env.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    TEMPORAL_DEPLOYMENT_NAME: deploymentName,
    TEMPORAL_WORKER_BUILD_ID: buildId,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  };
  const program = buildId === 'v1' ? inRoot('dist') : path.join(nextRelease, 'dist');
  const worker = startWorkerProcess(variables, [path.join(program, 'worker.js')]);
  expect(await worker.logged('Listening')).toMatchObject({ deploymentName, buildId });
  return worker;
}

/** Makes a version the current one, as soon as Temporal knows it. */
const makeCurrent = (buildId: string): Promise<unknown> =>
  eventually(async () => {
    const { namespace } = env.client.options;
    const version = { namespace, deploymentName, buildId };
    try {
      return await env.client.workflowService.setWorkerDeploymentCurrentVersion(version);
    } catch {
      return undefined;
    }
  });

const begin = (jobId: string): Promise<WorkflowHandle> => {
  simulator.addJob({ jobId, status: 12, timelines: { restart: STARTING } });
  return env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(simulator.projectId, jobId),
    args: [{ jobId, pollInterval: '1s', settleTime: '5s', timeout: '10m' }],
  });
};

const waits = (handle: WorkflowHandle) => progressWhen(handle, ({ last }) => last?.code === 7);

/** Waits until the worker has the wait of a restart. */
const isWith = (handle: WorkflowHandle, worker: WorkerProcess): Promise<true> =>
  eventually(async () => {
    const { pendingActivities } = (await handle.describe()).raw;
    const [wait] = pendingActivities ?? [];
    return wait?.lastWorkerIdentity?.startsWith(`${worker.process.pid}@`) || undefined;
  }, SECONDS);

/** The build ids of the workers that completed the workflow's tasks, in order, each change once. */
async function buildsOf(handle: WorkflowHandle): Promise<(string | null | undefined)[]> {
  const { events } = await handle.fetchHistory();
  const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: task }) =>
    task ? [task.deploymentVersion?.buildId] : [],
  );
  return builds.filter((build, nth) => build !== builds[nth - 1]);
}

/** Whether one of the workflow's tasks has failed. */
async function hasFailedTask(handle: WorkflowHandle): Promise<boolean> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).some((event) => event.workflowTaskFailedEventAttributes);
}

/** Lets the job come up, and expects the restart to complete after one request. */
async function comesUp(handle: WorkflowHandle, jobId: string): Promise<void> {
  simulator.setStatus(jobId, 8);
  expect(await endOf(handle)).toMatchObject({ status: 'completed' });
  expect(simulator.requests({ jobId, operation: 'restart' })).toHaveLength(1);
}

let v1: WorkerProcess;
let v2: WorkerProcess;
let early: WorkflowHandle;
let late: WorkflowHandle;

it('a version gets nothing until it is current, and then takes what has waited for it', async () => {
  v1 = await start('v1');
  early = await begin('901');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(simulator.requests({ jobId: '901' })).toEqual([]);
  await makeCurrent('v1');
  await waits(early);
  await isWith(early, v1);
});

it('v1 → v2: a restart under way moves within seconds of SIGTERM, past a change of commands', async () => {
  v2 = await start('v2');
  await makeCurrent('v2');
  expect(await v1.end('SIGTERM')).toBe(0);
  await isWith(early, v2);
  // Wakes the workflow up, which then runs on version 2.
  await early.signal('checkNow');
  await waits(early);
  late = await begin('902');
  await waits(late);
});

it('v2 → v1: a restart that began on v1 goes back and completes; nothing is sent twice', async () => {
  v1 = await start('v1');
  await makeCurrent('v1');
  expect(await v2.end('SIGTERM')).toBe(0);
  await isWith(early, v1);
  await comesUp(early, '901');
  expect(await buildsOf(early)).toEqual(['v1', 'v2', 'v1']);
  expect(await hasFailedTask(early)).toBe(false);
});

it('a restart that began on v2 with the new command is stuck on v1, and loses nothing: on v2 it completes', async () => {
  simulator.setStatus('902', 8);
  await eventually(async () => (await hasFailedTask(late)) || undefined);
  v2 = await start('v2');
  await makeCurrent('v2');
  expect(await v1.end('SIGTERM')).toBe(0);
  await comesUp(late, '902');
  expect(await buildsOf(late)).toEqual(['v2']);
  expect(await v2.end('SIGTERM')).toBe(0);
});
