import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { createRestartSchedule, startRestart } from '../../src/client/index.js';
import type { RestartOutcome } from '../../src/domain/outcome.js';
import { restartId } from '../../src/domain/ids.js';
import { endAllCalls, startCli } from '../cli/cli-process.js';
import { openScene, quick, STARTING, told, type Scene } from '../nexus/scene.js';
import { endOf, eventually, progressWhen, type End } from '../setup/stage.js';
import { temporalCli } from '../setup/temporal.js';

let scene: Scene;
const schedules: string[] = [];
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  endAllCalls();
  for (const id of schedules) {
    await scene.client.schedule
      .getHandle(id)
      .delete()
      .catch(() => undefined);
  }
  await scene.close();
});

const patient = (jobId: string) => ({ ...quick(jobId), timeout: '5m' });

/** A schedule of ours. */
async function ownSchedule(jobId: string): Promise<string> {
  const { projectId } = scene.simulator;
  const { taskQueue } = scene.child;
  const options = { projectId, taskQueue, every: '1d', paused: true } as const;
  const { scheduleId } = await createRestartSchedule(scene.client, patient(jobId), options);
  schedules.push(scheduleId);
  return scheduleId;
}

/** A schedule that somebody made with Temporal's own command line, with its defaults. */
function plainSchedule(jobId: string): string {
  const scheduleId = `nightly-${randomUUID()}`;
  const call = ['schedule', 'create', '--address', scene.variables['TEMPORAL_ADDRESS']!];
  const action = ['--type', 'restartVisualizationJob', '--task-queue', scene.child.taskQueue];
  const input = JSON.stringify(patient(jobId));
  execFileSync(temporalCli(), [
    ...[...call, '--schedule-id', scheduleId, '--interval', '24h', '--paused'],
    ...[...action, '--workflow-id', `${scheduleId}-run`, '--input', input],
  ]);
  schedules.push(scheduleId);
  return scheduleId;
}

const trigger = (scheduleId: string) => scene.client.schedule.getHandle(scheduleId).trigger();

/** The workflow that a schedule has started. */
const startedBy = (scheduleId: string): Promise<WorkflowHandle> =>
  eventually(async () => {
    const { info } = await scene.client.schedule.getHandle(scheduleId).describe();
    const workflow = info.recentActions[0]?.action.workflow;
    return workflow && scene.client.workflow.getHandle(workflow.workflowId);
  });

/** As the UI's form does it: a random id, and what was typed. */
const startedInTheUi = (jobId: string): Promise<WorkflowHandle> =>
  scene.client.workflow.start('restartVisualizationJob', {
    taskQueue: scene.child.taskQueue,
    workflowId: randomUUID(),
    args: [patient(jobId)],
  });

async function outcomeOf(handle: WorkflowHandle): Promise<RestartOutcome> {
  return ((await endOf(handle)) as End & { status: 'completed' }).outcome;
}

jest.setTimeout(240_000);

it('one restart for two schedules, a call, a child and the UI at once, over a kill -9 of the worker', async () => {
  const jobId = '951';
  scene.simulator.addJob({ jobId, status: 12, timelines: { restart: STARTING } });
  const both = [await ownSchedule(jobId), plainSchedule(jobId)];
  const flags = ['--poll-interval', '1s', '--timeout', '5m'];
  const call = startCli(['restart', jobId, ...flags], scene.variables);
  const [child, byHand] = await Promise.all([
    scene.call(scene.child, patient(jobId)),
    startedInTheUi(jobId),
    ...both.map(trigger),
  ]);
  const scheduled = await Promise.all(both.map(startedBy));
  const following = [...scheduled, await scene.following(child), byHand];
  for (const handle of following) await progressWhen(handle, ({ phase }) => phase === 'waiting');
  const restart = scene.theRestart(jobId);
  await progressWhen(restart, ({ last }) => last?.code === 7);
  await call.says('→ WAITING');

  // One more joins and is cancelled, which takes nothing from the others.
  const quitter = await startedInTheUi(jobId);
  await progressWhen(quitter, ({ attached, restart: id }) => attached && id !== undefined);
  await quitter.cancel();
  expect(await endOf(quitter)).toEqual({ status: 'canceled' });

  await scene.replaceWorker();
  scene.simulator.setStatus(jobId, 8);
  const { code, stdout } = await call.ended;
  expect(code).toBe(0);
  const outcomes = [
    ...(await Promise.all([...scheduled, byHand].map(outcomeOf))),
    (await told(child)).outcome!,
  ];
  expect(outcomes).toHaveLength(4);
  const its = await outcomeOf(restart);
  expect(its).toMatchObject({ outcome: 'running', jobId, attached: false });
  for (const outcome of outcomes) expect({ ...outcome, attached: false }).toEqual(its);
  expect(stdout).toContain(`✓ job ${jobId} is running`);
  const calls = [...outcomes, { attached: stdout.includes('attached: this call sent no request') }];
  expect(calls.filter(({ attached }) => !attached)).toHaveLength(1);
  expect(scene.simulator.requests({ jobId, operation: 'restart' })).toHaveLength(1);
  expect(scene.simulator.acceptedRestarts(jobId)).toBe(1);
});

it('a call right after the kill is taken up by the next worker', async () => {
  const jobId = '953';
  scene.simulator.addJob({ jobId, status: 12, timelines: { restart: STARTING } });
  const schedule = plainSchedule(jobId);
  await trigger(schedule);
  await startedBy(schedule);
  await eventually(() => scene.simulator.acceptedRestarts(jobId) === 1 || undefined);
  await progressWhen(scene.theRestart(jobId), ({ last }) => last?.code === 7);
  const { projectId } = scene.simulator;
  const { taskQueue } = scene.child;
  const [call] = await Promise.all([
    startRestart(scene.client, patient(jobId), { projectId, taskQueue }),
    scene.replaceWorker(),
  ]);
  expect(call).toMatchObject({ workflowId: restartId(projectId, jobId), joined: true });
  expect(scene.simulator.requests({ jobId, operation: 'restart' })).toHaveLength(1);
  await scene.theRestart(jobId).cancel();
});

it('a schedule by Temporal’s command line starts it again after a failure, and is not paused', async () => {
  const jobId = '952';
  scene.simulator.addJob({ jobId, status: 12, timelines: { restart: STARTING } });
  const refusal = { kind: 'refuse', status: 403, code: 'ModelArts.0112', message: 'No.' } as const;
  const fault = scene.simulator.fault({ jobId, operation: 'restart', times: 1, ...refusal });
  const scheduleId = plainSchedule(jobId);
  const schedule = scene.client.schedule.getHandle(scheduleId);
  await schedule.unpause();
  await eventually(async () => !(await schedule.describe()).state.paused || undefined);
  await schedule.trigger();
  const refused = await startedBy(scheduleId);
  expect(await endOf(refused)).toMatchObject({ type: 'ModelArts.0112' });
  expect(fault.fired).toBe(1);

  const { state, policies } = await schedule.describe();
  expect({ ...state, ...policies }).toMatchObject({ paused: false, pauseOnFailure: false });
  await schedule.trigger();
  const next = await eventually(async () => {
    const { info } = await schedule.describe();
    const workflow = info.recentActions[1]?.action.workflow;
    return workflow && scene.client.workflow.getHandle(workflow.workflowId);
  });
  await progressWhen(scene.theRestart(jobId), ({ last }) => last?.code === 7);
  scene.simulator.setStatus(jobId, 8);
  expect(await outcomeOf(next)).toMatchObject({ outcome: 'running', attached: false });
  expect(restartId(scene.simulator.projectId, jobId)).toBe(
    (await progressWhen(next, ({ phase }) => phase === 'done')).restart,
  );
});
