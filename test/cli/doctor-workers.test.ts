import { hostname } from 'node:os';
import type { Finding } from '../../src/cli/output.js';
import { cancelRestart, seenWorkers } from '../../src/client/index.js';
import { restartId } from '../../src/domain/ids.js';
import { seeKilledWorker } from '../client/killed-worker.js';
import { eventually } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { runCli, startCli } from './cli-process.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
});
afterAll(() => stage.close());

it('counts neither a worker that stopped nor one that is gone, and says how old its news of each is', async () => {
  const taskQueue = uniqueTaskQueue('workers');
  const variables = {
    ...stage.variables,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: stage.simulator.url,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  };
  const worker = async () => {
    const { findings } = JSON.parse((await runCli(['doctor', '--json'], variables)).stdout) as {
      findings: Finding[];
    };
    return findings.find(({ check }) => check === 'worker')!;
  };
  const listening = async () => {
    const { workflows, activities } = await seenWorkers(stage.client, taskQueue);
    const pids = [...workflows, ...activities].flatMap(({ identity, listens }) =>
      listens ? [identity.split('@')[0]!] : [],
    );
    return [...new Set(pids)].toSorted();
  };
  const stops = startCli(['worker'], variables);
  const stays = startCli(['worker'], variables);
  const pidOf = (cli: typeof stops) => String(cli.process.pid);
  const both = [pidOf(stops), pidOf(stays)].toSorted();
  await eventually(async () => (await listening()).join() === both.join() || undefined);

  const soonEmpty = uniqueTaskQueue('soon-empty');
  const alone = startCli(['worker'], { ...variables, TEMPORAL_TASK_QUEUE: soonEmpty });
  await eventually(async () => {
    const { workflows } = await seenWorkers(stage.client, soonEmpty);
    return workflows.some(({ listens }) => listens) || undefined;
  });
  alone.process.kill('SIGTERM');
  expect((await alone.ended).code).toBe(0);

  stops.process.kill('SIGTERM');
  expect((await stops.ended).code).toBe(0);
  await eventually(async () => (await listening()).join() === pidOf(stays) || undefined);
  const one = await worker();
  expect(one.result).toBe('ok');
  expect(one.message).toMatch(
    new RegExp(`^1 seen on the task queue ${taskQueue}: ${pidOf(stays)}@\\S+ \\(\\d+s ago\\)`),
  );
  expect(one.message).not.toContain(pidOf(stops));

  // The last one is killed: nobody knows yet, so what is shown must not sound like more than that.
  stays.process.kill('SIGKILL');
  await stays.ended;
  expect((await worker()).message).toContain('one that was killed is seen for 75s');

  // A restart that nobody hears of: its cancellation is told so.
  const workflowId = restartId(stage.projectId, '77');
  const start = { workflowId, taskQueue: soonEmpty, args: [{ jobId: '77' }] };
  await stage.client.workflow.start('restartVisualizationJob', start);
  const canceled = await cancelRestart(stage.client, { workflowId });
  expect(canceled.nobodyListens).toContain(`nobody listens on the task queue ${soonEmpty}`);
  await stage.client.workflow.getHandle(workflowId).terminate();

  // What asks under the name of one that stopped is another one.
  await seeKilledWorker(stage.client, taskQueue, `${pidOf(stops)}@${hostname()}`);
  expect(await listening()).toEqual(both);
});
