import type { WorkflowHandle } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { endOf, eventually, openStage, progressWhen, type Stage } from '../setup/stage.js';
import { testWorkflowBundle } from '../setup/temporal.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const STARTING = [{ afterMs: 0, status: 7 }];
const requests = (jobId: string, operation: 'restart' | 'stop' | 'detail') =>
  stage.simulator.requests({ jobId, operation });

/** A restart whose answer got lost, and whose second request is not sent four times: its next pause is six seconds at least. */
async function pausesBeforeTheRepeat(jobId: string): Promise<WorkflowHandle> {
  stage.simulator.addJob({ jobId, status: 12, timelines: { restart: [] } });
  const restart = { jobId, operation: 'restart' } as const;
  stage.simulator.fault({ ...restart, kind: 'answer-lost' });
  const unavailable = { kind: 'status', status: 503, code: 'APIGW.0613', when: 'before' } as const;
  const held = stage.simulator.fault({ ...restart, ...unavailable, times: 4 });
  const input = { jobId, ifUnknown: 'repeat', settleTime: '1s', timeout: '50s' } as const;
  const handle = await stage.start(input);
  await eventually(() => (held.fired === 4 ? true : undefined), 30_000);
  return handle;
}

// "…and the status has stood still for `settleTime`: … `repeat`: ask once more".
it.concurrent.each([
  ['205', 'on its way', false],
  ['201', 'on its way, and then down again', true],
])(
  'nothing is asked once more (job %s) where checkNow has seen the job %s',
  async (jobId, _seen, seesTheEnd) => {
    const handle = await pausesBeforeTheRepeat(jobId);
    // The first request shows its work, late.
    stage.simulator.setStatus(jobId, 7);
    await handle.signal('checkNow');
    await progressWhen(handle, ({ last }) => last?.code === 7);
    stage.simulator.setStatus(jobId, 12);
    if (seesTheEnd) {
      await handle.signal('checkNow');
      await progressWhen(handle, ({ last }) => last?.code === 12);
    }
    expect(await endOf(handle)).toMatchObject({ type: 'JobStopped' });
    expect(stage.simulator.acceptedRestarts(jobId)).toBe(1);
    expect(requests(jobId, 'restart')).toHaveLength(5);
  },
);

// "Custom search attributes …, written where the namespace has them registered …, however the workflow was started".
it.concurrent(
  'a restart that is cancelled before its first look was answered has its search attributes',
  async () => {
    stage.simulator.addJob({ jobId: '202', status: 12, timelines: { restart: STARTING } });
    stage.simulator.fault({ jobId: '202', operation: 'detail', kind: 'hang', times: Infinity });
    const handle = await stage.start({ jobId: '202', timeout: '1h' });
    await eventually(() => (requests('202', 'detail').length > 0 ? true : undefined));
    await handle.cancel();
    expect(await endOf(handle)).toEqual({ status: 'canceled' });
    const { typedSearchAttributes } = await handle.describe();
    const names = typedSearchAttributes.getAll().map(({ key }) => key.name);
    expect(names).toEqual(expect.arrayContaining(['ModelArtsJobId', 'ModelArtsOutcome']));
  },
);

it.concurrent('what was cancelled, signalled and extended plays again', async () => {
  const stop = [
    { afterMs: 0, status: 9 },
    { afterMs: 3_000, status: 12 },
  ];
  stage.simulator.addJob({ jobId: '203', status: 12, timelines: { restart: STARTING, stop } });
  const starter = await stage.startWith([{ jobId: '203', onCancel: 'stop', pollInterval: '1s' }]);
  const handle = stage.client.workflow.getHandle(`restart:${stage.projectId}:203`);
  await progressWhen(starter, ({ restart }) => restart !== undefined);
  await progressWhen(handle, ({ last }) => last?.code === 7);
  for (let turn = 0; turn < 4; turn += 1) {
    await Promise.all([
      starter.signal('checkNow'),
      handle.signal('checkNow'),
      handle.executeUpdate('extendDeadline', { args: [{ timeout: '1h' }] }),
      starter.executeUpdate('extendDeadline', { args: [{ timeout: '2h' }] }),
    ]);
  }
  await starter.cancel();
  await handle.signal('checkNow').catch(() => undefined);
  await endOf(starter);
  await endOf(handle);
  for (const one of [starter, handle]) {
    const options = { workflowBundle: testWorkflowBundle() };
    await Worker.runReplayHistory(options, await one.fetchHistory(), one.workflowId);
  }
});

// "Promise 3" and "`checkNow` → look at once": what the look shows is acted on.
it.concurrent(
  'checkNow that finds the job up during a pause after trouble ends the restart',
  async () => {
    stage.simulator.addJob({ jobId: '204', status: 12, timelines: { restart: STARTING } });
    const lost = {
      jobId: '204',
      operation: 'detail',
      kind: 'request-lost',
      times: Infinity,
    } as const;
    const fault = stage.simulator.fault({ ...lost, after: 2 });
    const handle = await stage.start({ jobId: '204', timeout: '30s', settleTime: '2s' });
    await progressWhen(handle, ({ last }) => last?.code === 7);
    await pause(17_500);
    stage.simulator.setStatus('204', 8);
    fault.remove();
    const upAt = Date.now();
    await handle.signal('checkNow');
    await progressWhen(handle, ({ last }) => last?.code === 8);
    const end = await endOf(handle);
    expect(end).toMatchObject({ status: 'completed' });
    expect(Date.now() - upAt).toBeLessThan(3_000);
  },
);
