import {
  followRestart,
  RestartError,
  RestartNotFoundError,
  restartId,
  startRestart,
  type RestartInput,
  type RestartProgress,
  type StartedRestart,
} from '../../src/client/index.js';
import { openStage, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const start = (input: Partial<RestartInput> & { jobId: string }): Promise<StartedRestart> =>
  startRestart(
    stage.client,
    { pollInterval: '1s', settleTime: '2s', timeout: '60s', ...input },
    { projectId: stage.projectId, taskQueue: stage.taskQueue },
  );

async function all(following: AsyncIterable<RestartProgress>): Promise<RestartProgress[]> {
  const seen: RestartProgress[] = [];
  for await (const progress of following) seen.push(progress);
  return seen;
}

it('yields each change once, and the outcome last', async () => {
  stage.simulator.addJob({
    jobId: '11',
    status: 12,
    timelines: {
      restart: [
        { afterMs: 0, status: 7 },
        { afterMs: 2_000, status: 8 },
      ],
    },
  });
  const seen = await all(
    followRestart(stage.client, await start({ jobId: '11' }), { everyMs: 100 }),
  );
  const texts = seen.map((progress) => JSON.stringify(progress));
  expect(new Set(texts).size).toBe(texts.length);
  expect(seen.some(({ phase, last }) => phase === 'waiting' && last?.name === 'WAITING')).toBe(
    true,
  );
  expect(seen.at(-1)).toMatchObject({ phase: 'done', outcome: 'running', attached: false });
  expect(seen.filter(({ phase }) => phase === 'done')).toHaveLength(1);
});

it('ends with the outcome of a restart that did not get there', async () => {
  stage.simulator.addJob({
    jobId: '12',
    status: 12,
    timelines: { restart: [{ afterMs: 0, status: 11 }] },
  });
  const seen = await all(followRestart(stage.client, await start({ jobId: '12' })));
  expect(seen.at(-1)).toMatchObject({ phase: 'done', outcome: 'failed', last: { code: 11 } });
});

it('ends with the outcome of a restart that was canceled', async () => {
  stage.simulator.addJob({ jobId: '13', status: 12, timelines: { restart: [] } });
  const started = await start({ jobId: '13', settleTime: '10m' });
  const following = all(followRestart(stage.client, started));
  await stage.client.workflow.getHandle(started.workflowId).cancel();
  expect((await following).at(-1)).toMatchObject({ phase: 'done', outcome: 'canceled' });
});

it('says attached to those who joined, and to them alone', async () => {
  stage.simulator.addJob({ jobId: '14', status: 12 });
  const first = await start({ jobId: '14' });
  const second = await start({ jobId: '14' });
  const [own, joined] = await Promise.all(
    [first, second].map((target) => all(followRestart(stage.client, target))),
  );
  expect(own!.at(-1)).toMatchObject({ outcome: 'running', attached: false });
  expect(joined!.every(({ attached }) => attached)).toBe(true);
});

it('follows by an id alone, also one that has ended', async () => {
  const workflowId = restartId(stage.projectId, '14');
  const seen = await all(followRestart(stage.client, { workflowId }));
  expect(seen).toMatchObject([{ phase: 'done', outcome: 'running' }]);
});

it('ends when its signal aborts; the restart goes on', async () => {
  stage.simulator.addJob({ jobId: '15', status: 12, timelines: { restart: [] } });
  const started = await start({ jobId: '15', settleTime: '10m' });
  const stopping = new AbortController();
  const reason = new Error('enough');
  const following = all(followRestart(stage.client, started, { signal: stopping.signal }));
  setTimeout(() => stopping.abort(reason), 300);
  await expect(following).rejects.toBe(reason);
  const handle = stage.client.workflow.getHandle(started.workflowId);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate('the test is over');
});

it('says that a restart is gone that was terminated', async () => {
  const workflowId = restartId(stage.projectId, '15');
  const error = await all(followRestart(stage.client, { workflowId })).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(RestartError);
  expect(error).toMatchObject({
    type: 'RestartUnknown',
    message: expect.stringContaining('terminated') as string,
  });
});

it('says that there is no such restart', async () => {
  const workflowId = restartId(stage.projectId, '999');
  await expect(all(followRestart(stage.client, { workflowId }))).rejects.toBeInstanceOf(
    RestartNotFoundError,
  );
});

it.concurrent('waits for a worker that is away, and tells of its silence once', async () => {
  const other = await openStage();
  other.simulator.addJob({ jobId: '16', status: 12, timelines: { restart: [] } });
  const started = await startRestart(
    other.client,
    { jobId: '16', settleTime: '10m' },
    { projectId: other.projectId, taskQueue: other.taskQueue },
  );
  const { address } = other.env;
  await other.close();
  const silences: unknown[] = [];
  const stopping = new AbortController();
  const following = all(
    followRestart(stage.client, started, {
      everyMs: 50,
      signal: stopping.signal,
      onSilence: (error) => silences.push(error),
    }),
  );
  setTimeout(() => stopping.abort(new Error('seen enough')), 11_500);
  await expect(following).rejects.toThrow('seen enough');
  expect(silences).toHaveLength(1);
  expect(address).toBe(stage.env.address);
  await stage.client.workflow.getHandle(started.workflowId).terminate();
});
