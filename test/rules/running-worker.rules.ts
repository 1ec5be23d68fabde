import { restartId } from '../../src/domain/ids.js';
import { startObservedWorker, type ObservedWorker } from '../e2e/observed-worker.js';
import { endOf, eventually } from '../setup/stage.js';
import { expectAlerts, scrape, type Scrape } from './alerts.js';

const OTHER_PROJECT = 'b'.repeat(32);
const FAILED_TASKS = 'temporal_workflow_task_execution_failed_total';

let observed: ObservedWorker;
beforeAll(async () => {
  observed = await startObservedWorker();
});
afterAll(() => observed.close());

it('each alert fires with its fault in a running worker, and is silent before', async () => {
  const { env, simulator, start, taskQueue, worker } = observed;
  const restart = async (jobId: string) => endOf(await start(jobId));
  simulator.addJob({ jobId: '1', status: 12 });
  await restart('1');
  await observed.until('readyz', 200);
  const quiet = await eventually(async () => {
    const now = await scrape(observed);
    // The gauges are set every few seconds.
    const isPolled = now.pollAgeSeconds < 70;
    return isPolled && now.metrics.sum('modelarts_restarts_total') === 1 ? now : undefined;
  });

  // ModelArts throttles another project while a job of it is waited for, and time passes.
  simulator.addJob({ jobId: '2', projectId: OTHER_PROJECT, status: 7 });
  const late = { code: 'ModelArts.2799', status: 429, when: 'before', retryAfter: 300 } as const;
  simulator.fault({ jobId: '2', operation: 'detail', kind: 'status', after: 1, ...late });
  const waiting = await env.client.workflow.start('restartVisualizationJob', {
    taskQueue,
    workflowId: restartId(OTHER_PROJECT, '2'),
    args: [{ jobId: '2', projectId: OTHER_PROJECT, ifRunning: 'attach', pollInterval: '1s' }],
  });
  await eventually(async () =>
    (await observed.scrape()).sum('modelarts_throttle_pause_seconds') > 0 ? true : undefined,
  );
  worker.process.kill('SIGUSR2');

  // A request is lost, credentials are refused, restarts are refused, and a task can't be read.
  for (const jobId of ['3', '4']) simulator.addJob({ jobId, status: 12 });
  simulator.fault({ jobId: '3', operation: 'restart', kind: 'request-lost' });
  const denied = { code: 'ModelArts.0206', message: 'no', status: 401 };
  simulator.fault({ jobId: '4', operation: 'detail', kind: 'refuse', ...denied });
  const isUp = ['5', '6', '7', '8', '9', '10'];
  for (const jobId of isUp) simulator.addJob({ jobId, status: 8 });
  // The calls after the refusal show that the credentials are taken again.
  await restart('4');
  const ends = await Promise.all(['3', ...isUp].map(restart));
  expect(ends[0]).toMatchObject({ outcome: { outcome: 'unknown' } });
  const unreadable = { metadata: { encoding: Buffer.from('binary/odd') }, data: Buffer.of(1) };
  const stuck = `unreadable-${taskQueue}`;
  await env.client.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId: stuck,
    requestId: stuck,
    workflowType: { name: 'restartVisualizationJob' },
    taskQueue: { name: taskQueue },
    input: { payloads: [unreadable] },
  });

  const faulty: Scrape[] = [];
  for (let failed = 0; faulty.length < 3;) {
    const next = await eventually(async () => {
      const now = await scrape(observed);
      const isNews = now.metrics.sum(FAILED_TASKS) > failed && now.pollAgeSeconds < 70;
      const isLate = now.metrics.sum('modelarts_oldest_look_overdue_seconds') > 60;
      return isNews && isLate ? now : undefined;
    });
    failed = next.metrics.sum(FAILED_TASKS);
    faulty.push(next);
  }
  await Promise.all([waiting.terminate(), env.client.workflow.getHandle(stuck).terminate()]);

  // Quiet for 10 minutes, then 15 minutes with the faults, then the worker is gone.
  expectAlerts([quiet, quiet, ...faulty], {
    '9m30s': [],
    // Five minutes are not over, in which looks are late or tasks fail.
    '12m': [
      'RestarterAnswerLost',
      'RestarterIsDenied',
      'RestarterOutcomeUnknown',
      'RestartsDoNotComeUp',
    ],
    // The refusal is ten minutes ago.
    '20m30s': [
      'RestarterAnswerLost',
      'RestarterLooksLate',
      'RestarterOutcomeUnknown',
      'RestarterTasksFail',
      'RestartsDoNotComeUp',
    ],
    // Twelve minutes and more after the last failure.
    '34m': ['RestarterDoesNotPoll'],
  });
}, 180_000);
