import {
  cancelRestart,
  describeRestart,
  listRestarts,
  restartId,
  RestartNotFoundError,
  type ListFilter,
  type ListedRestart,
} from '../../src/client/index.js';
import { eventually, openStage, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  stage.simulator.addJob({ jobId: '31', status: 12 });
  stage.simulator.addJob({ jobId: '32', status: 8 });
  stage.simulator.addJob({ jobId: '33', status: 12, timelines: { restart: [] } });
  await Promise.all([
    stage.restart({ jobId: '31', requestedBy: 'ada' }),
    stage.restart({ jobId: '32' }),
    stage.start({ jobId: '33', settleTime: '10m', timeout: '1h' }),
    // A joiner is no restart of its own.
    stage.restart({ jobId: '31' }, 'somebody-else'),
  ]);
});
afterAll(() => stage.close());

const key = (jobId: string) => ({ projectId: stage.projectId, jobId });
const list = (filter: ListFilter = {}): Promise<ListedRestart[]> =>
  listRestarts(stage.client, { projectId: stage.projectId, ...filter });
/** Temporal's lists lag behind by a moment. */
const listed = (count: number, filter?: ListFilter): Promise<ListedRestart[]> =>
  eventually(async () => {
    const found = await list(filter);
    return found.length === count ? found : undefined;
  });

it('describes one that has ended well, one that failed, and one that is under way', async () => {
  expect(await describeRestart(stage.client, key('31'))).toMatchObject({
    workflowId: restartId(stage.projectId, '31'),
    running: false,
    progress: { phase: 'done', outcome: 'running', requestedBy: 'ada' },
  });
  expect(await describeRestart(stage.client, key('32'))).toMatchObject({
    running: false,
    progress: { phase: 'done', outcome: 'refused' },
    failure: { type: 'ModelArts.0105' },
  });
  const underWay = await eventually(async () => {
    const description = await describeRestart(stage.client, key('33'));
    return description.progress?.phase === 'waiting' ? description : undefined;
  });
  expect(underWay).toMatchObject({ running: true, taskQueue: stage.taskQueue });
  expect(underWay.endedAt).toBeUndefined();
});

it('describes any workflow by its id, and says which it does not know', async () => {
  const byId = await describeRestart(stage.client, {
    workflowId: restartId(stage.projectId, '31'),
  });
  expect(byId.progress).toMatchObject({ outcome: 'running' });
  await expect(describeRestart(stage.client, key('39'))).rejects.toThrow(RestartNotFoundError);
});

it('lists the restarts of a project, those under way first, and no joiners', async () => {
  const found = await listed(3);
  expect(new Set(found.map(({ jobId }) => jobId))).toEqual(new Set(['31', '32', '33']));
  expect(found.map(({ running }) => running)).toEqual([true, false, false]);
});

it('narrows the list by job, by outcome, by whether it runs, by its end, and by number', async () => {
  await listed(3);
  expect(await listed(1, { jobId: '32' })).toMatchObject([{ jobId: '32' }]);
  expect(await listed(1, { outcome: 'refused' })).toMatchObject([{ jobId: '32' }]);
  expect(await listed(1, { outcome: 'running' })).toMatchObject([{ jobId: '31' }]);
  expect(await listed(0, { outcome: 'unknown' })).toEqual([]);
  expect(await listed(1, { running: true })).toMatchObject([{ jobId: '33' }]);
  expect(await listed(2, { running: false })).toHaveLength(2);
  expect(await listed(2, { limit: 2 })).toHaveLength(2);
  const [, last] = await listed(3);
  const since = new Date(last!.endedAt!);
  expect((await listed(2, { since })).map(({ jobId }) => jobId)).toEqual(['33', last!.jobId]);
  expect(await listed(1, { since, running: false })).toMatchObject([{ jobId: last!.jobId }]);
});

it('finds a job’s restart where its project is not said, by the search attribute', async () => {
  const found = await eventually(async () => {
    const all = await listRestarts(stage.client, { jobId: '32' });
    return all.filter(({ projectId }) => projectId === stage.projectId)[0];
  });
  expect(found).toMatchObject({ jobId: '32', progress: { outcome: 'refused' } });
});

it('cancels the one under way; where none is, it says so', async () => {
  const { workflowId } = await cancelRestart(stage.client, key('33'));
  const outcome = await eventually(async () => {
    const { progress } = await describeRestart(stage.client, { workflowId });
    return progress?.outcome;
  });
  expect(outcome).toBe('canceled');
  expect(await listed(1, { outcome: 'canceled' })).toMatchObject([{ jobId: '33' }]);
  for (const jobId of ['33', '39']) {
    await expect(cancelRestart(stage.client, key(jobId))).rejects.toThrow(RestartNotFoundError);
  }
});

it('finds by its outcome one that has written none, as from before that could be, and tells it', async () => {
  stage.simulator.addJob({ jobId: '34', status: 12, timelines: { restart: [] } });
  const handle = await stage.start({ jobId: '34', settleTime: '10m' });
  await handle.terminate();
  expect(await listed(1, { outcome: 'unknown' })).toMatchObject([
    { jobId: '34', outcome: 'unknown', failure: { type: 'RestartUnknown' } },
  ]);
});
