import { openStage, type Stage } from '../setup/stage.js';
import { acceptedOf, addJobs, batchWhen, endOfBatch, startBatch } from './batches.js';

let stage: Stage;
beforeEach(async () => {
  // A project of its own for each test, because a selection sees all jobs of the project.
  stage = await openStage({ list: true, simulator: { quirks: { perPageMax: 2 } } });
});
afterEach(() => stage.close());

const lists = (): string[] =>
  stage.simulator.requests({ operation: 'list' }).map(({ path }) => path);

test('restarts the jobs in these statuses, over all pages, and no other', async () => {
  const killed = addJobs(stage, 2_001, 3);
  const failed = addJobs(stage, 2_011, 2, { status: 11 });
  const running = addJobs(stage, 2_021, 3, { status: 8 });
  const select = { status: ['KILLED', 11] };
  const end = await endOfBatch(await startBatch(stage, { select }));
  expect(end).toMatchObject({ status: 'completed', outcome: { total: 5, running: 5 } });
  expect(end.status === 'completed' && end.outcome.outcomes.map(({ jobId }) => jobId)).toEqual([
    ...killed,
    ...failed,
  ]);
  expect(acceptedOf(stage, [...killed, ...failed, ...running])).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
});

test('narrows by name and by workspace', async () => {
  for (const [jobId, name, workspaceId] of [
    ['2101', 'loss-curves', 'w1'],
    ['2102', 'graph', 'w1'],
    ['2103', 'loss-curves', '0'],
  ] as const) {
    stage.simulator.addJob({ jobId, name, workspaceId, status: 12 });
  }
  const select = { search: 'loss', workspaceId: 'w1', status: ['KILLED'] };
  expect(await endOfBatch(await startBatch(stage, { select }))).toMatchObject({
    outcome: { total: 1, outcomes: [{ jobId: '2101', outcome: 'running' }] },
  });
  const [path] = lists();
  expect(path).toContain('search_content=loss');
  expect(path).toContain('workspace_id=w1');
  expect(path).toContain('status=12');
});

test('matching nothing, it completes with nothing', async () => {
  addJobs(stage, 2_201, 1, { status: 8 });
  const end = await endOfBatch(await startBatch(stage, { select: { status: ['KILLED'] } }));
  expect(end).toMatchObject({ status: 'completed', outcome: { total: 0, outcomes: [] } });
});

test('waits through throttling, and goes on with the page that was throttled', async () => {
  addJobs(stage, 2_301, 5);
  stage.simulator.fault({ operation: 'list', kind: 'throttle', after: 1, retryAfter: 1 });
  const handle = await startBatch(stage, { select: {} });
  expect(await endOfBatch(handle)).toMatchObject({ outcome: { total: 5, running: 5 } });
  const pages = lists().map((path) => /[?&]page=(\d+)/.exec(path)?.[1]);
  expect(pages.slice(0, 4)).toEqual(['1', '2', '2', '3']);
});

test('a list that ModelArts refuses fails the batch with the code as type, and nothing is sent', async () => {
  const jobIds = addJobs(stage, 2_401, 1);
  const refusal = { status: 403, code: 'ModelArts.0108', message: 'no right' };
  const fault = stage.simulator.fault({ operation: 'list', kind: 'refuse', ...refusal });
  expect(await endOfBatch(await startBatch(stage, { select: {} }))).toMatchObject({
    status: 'failed',
    type: 'ModelArts.0108',
    message: expect.stringMatching(
      /^ModelArts\.0108: no right\. ModelArts refused \(HTTP 403\)\. /,
    ),
  });
  expect(fault.fired).toBe(1);
  expect(acceptedOf(stage, jobIds)).toEqual([0]);
});

test('cancelled while it finds its jobs, it ends at once and has sent nothing', async () => {
  const jobIds = addJobs(stage, 2_501, 1);
  stage.simulator.fault({ operation: 'list', kind: 'throttle', retryAfter: 60, times: 9 });
  const handle = await startBatch(stage, { select: {} });
  await batchWhen(handle, ({ projectId }) => projectId !== undefined);
  await handle.cancel();
  expect(await endOfBatch(handle)).toEqual({ status: 'canceled' });
  expect(await handle.query('progress')).toMatchObject({ phase: 'done', total: 0, outcomes: [] });
  expect(acceptedOf(stage, jobIds)).toEqual([0]);
});
