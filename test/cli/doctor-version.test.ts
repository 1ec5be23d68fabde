import { randomUUID } from 'node:crypto';
import type { Finding } from '../../src/cli/output.js';
import { openRestart, restartId, seenWorkers } from '../../src/client/index.js';
import { eventually } from '../setup/stage.js';
import { temporalCli, uniqueTaskQueue } from '../setup/temporal.js';
import { callCli } from './call-cli.js';
import { startCli, startProcess, type Variables } from './cli-process.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
});
afterAll(() => stage.close());

const deploymentName = `doctor-${randomUUID()}`;

const variablesOf = (taskQueue: string): Variables => ({
  ...stage.withModelArts,
  TEMPORAL_TASK_QUEUE: taskQueue,
});

async function doctor(variables: Variables) {
  const { code, stdout } = await callCli(['doctor', '--json'], variables);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { code, versions: findings.filter(({ check }) => check === 'worker version') };
}

/** Starts a worker, and waits until Temporal has seen it. */
async function startWorker(taskQueue: string, version: Variables): Promise<void> {
  const worker = startCli(['worker'], { ...variablesOf(taskQueue), ...version });
  await worker.says('Listening');
  await eventually(async () => {
    const { workflows, activities } = await seenWorkers(stage.client, taskQueue);
    const isSeen = ({ identity }: { identity: string }): boolean =>
      identity.startsWith(`${worker.process.pid}@`);
    return (workflows.some(isSeen) && activities.some(isSeen)) || undefined;
  });
}

/** Runs the command at the end of a finding's advice, as an operator would type it. */
async function follow({ todo = '' }: Finding): Promise<void> {
  const [, args = ''] = /: temporal (worker .*)$/.exec(todo) ?? [];
  expect(args).not.toBe('');
  await eventually(async () => {
    const call = startProcess(temporalCli(), [...args.split(' '), '--yes'], variablesOf('any'));
    const { code } = await call.ended;
    return code === 0 || undefined;
  });
}

it('says nothing of versions where there are none', async () => {
  expect((await doctor(variablesOf(stage.taskQueue))).versions).toEqual([]);
});

it('names a version that gets nothing, and a command that makes it current', async () => {
  const taskQueue = uniqueTaskQueue('doctor');
  const version = (buildId: string) => ({
    TEMPORAL_DEPLOYMENT_NAME: deploymentName,
    TEMPORAL_WORKER_BUILD_ID: buildId,
  });
  await startWorker(taskQueue, version('v1'));
  const idle = await doctor(variablesOf(taskQueue));
  expect(idle.code).toBe(1);
  const [obstacle] = idle.versions;
  expect(obstacle).toMatchObject({
    result: 'obstacle',
    message: `build v1 of ${deploymentName}: polls, but gets nothing, since the tasks go to workers without a build id`,
  });
  const opening = openRestart(
    stage.client,
    { jobId: '10', projectId: stage.projectId },
    { taskQueue, workerWithinMs: 1_000 },
  );
  await expect(opening).rejects.toThrow('no worker there has the current version');
  await stage.client.workflow.getHandle(restartId(stage.projectId, '10')).terminate();
  await follow(obstacle!);

  const isOk = async (): Promise<true | undefined> =>
    (await doctor(variablesOf(taskQueue))).versions[0]?.result === 'ok' || undefined;
  await eventually(isOk);

  // While others get the tasks, a version that gets none is no obstacle.
  await startWorker(taskQueue, version('v2'));
  const rolling = await doctor(variablesOf(taskQueue));
  expect(rolling.code).toBe(0);
  const [note] = rolling.versions;
  expect(note).toMatchObject({
    result: 'note',
    message: `build v2 of ${deploymentName}: polls, but gets nothing, since the tasks go to build v1 of ${deploymentName}`,
  });

  // Those without a build id get nothing either; the advice leads back to them.
  await startWorker(taskQueue, {});
  const [mixed] = (await doctor(variablesOf(taskQueue))).versions;
  expect(mixed?.message).toContain('workers without a build id');
});

it.each([
  ['a deployment', 'nobodys', false],
  // That of the workers above.
  ['a build id of a known deployment', deploymentName, true],
])('tells in Temporal’s words that %s is unknown, and what to do', async (_what, name, isKnown) => {
  const known = stage.client.workflowService
    .describeWorkerDeployment({ namespace: 'default', deploymentName: name })
    .then(
      () => true,
      () => false,
    );
  expect(await known).toBe(isKnown);
  const unknown = { TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: 'v9' };
  const { code, versions } = await doctor({ ...variablesOf(stage.taskQueue), ...unknown });
  expect(code).toBe(0);
  expect(versions).toMatchObject([
    {
      result: 'note',
      message: `Temporal does not know build v9 of ${name}: Worker Deployment Version not found`,
      todo: expect.stringMatching(
        /^start a worker with it, .*; or correct TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID$/,
      ) as string,
    },
  ]);
});
