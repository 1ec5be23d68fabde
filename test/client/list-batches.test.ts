import {
  batchId,
  describeBatch,
  findBatch,
  followBatch,
  listBatches,
  restartsUnderWay,
  startBatch,
} from '../../src/client/index.js';
import type { BatchProgress } from '../../src/domain/batch-outcome.js';
import { eventually, openStage, type Stage } from '../setup/stage.js';
import { addJobs, STARTING, untilWaiting } from '../workflows/batches.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const QUICK = { pollInterval: '1s', settleTime: '2s', timeout: '5m' } as const;
const idOf = (name: string): string => batchId(stage.projectId, name);
const start = (workflowId: string, jobId: string) =>
  stage.startWith([{ jobIds: [jobId], ...QUICK }], workflowId, 'restartVisualizationJobs');

/** Starts a batch with one restart, and waits until it has ended. */
async function ended(workflowId: string, jobId: string): Promise<void> {
  addJobs(stage, Number(jobId), 1);
  await (await start(workflowId, jobId)).result();
}

it('tells the last failures at the end too, where nobody asked while they came', async () => {
  addJobs(stage, 41, 1, { status: 8 });
  const { client, projectId, taskQueue } = stage;
  const started = await startBatch(client, { jobIds: ['41'], projectId, ...QUICK }, { taskQueue });
  const told: BatchProgress[] = [];
  // Only the first question comes before the end. On a busy machine, it may meet the failure already.
  for await (const progress of followBatch(client, started, { everyMs: 60_000 })) {
    told.push(progress);
  }
  expect(told.at(-1)).toMatchObject({ phase: 'done', refused: 1 });
  const message = expect.stringMatching(/^ModelArts\.0105: /) as string;
  expect(told.flatMap(({ failures }) => failures)).toEqual([
    { jobId: '41', outcome: 'refused', errorCode: 'ModelArts.0105', message },
  ]);
});

it('finds by its name the batch, or the newest run of its schedule; the one under way first', async () => {
  const runs = ['2026-01-01T03:00:00Z', '2026-01-02T03:00:00Z', '2026-01-03T03:00:00Z'];
  const [first, second, third] = runs.map((time) => `${idOf('found')}-${time}`) as [
    string,
    string,
    string,
  ];
  const found = () => findBatch(stage.client, idOf('found'));
  expect(await found()).toBe(idOf('found'));
  await ended(first, '51');
  // Another name that begins like this one.
  await ended(idOf('found-too'), '52');
  await eventually(async () => (await found()) === first || undefined);
  await ended(second, '53');
  await eventually(async () => (await found()) === second || undefined);
  // Newer than the runs.
  await ended(idOf('found'), '54');
  expect(await found()).toBe(idOf('found'));

  // Under way, and older than what ends after it.
  addJobs(stage, 55, 1, { steps: STARTING });
  const running = await start(third, '55');
  await untilWaiting(stage, '55');
  await ended(idOf('found'), '56');
  await eventually(async () => (await found()) === third || undefined);
  await running.terminate();
});

it('finds the run of a schedule behind many newer ones of a name that begins alike', async () => {
  const own = `${idOf('boards')}-2026-01-01T03:00:00Z`;
  await ended(own, '57');
  await eventually(
    async () => (await findBatch(stage.client, idOf('boards'))) === own || undefined,
  );
  const hours = Array.from({ length: 25 }, (_, hour) => 10 + hour);
  const others = hours.map(async (hour) => {
    const id = `${idOf('boards-gpu')}-2026-01-${hour}T03:00:00Z`;
    // Ends at once, because it names no jobs.
    const handle = await stage.startWith([{}], id, 'restartVisualizationJobs');
    await handle.result().catch(() => undefined);
  });
  await Promise.all(others);
  const isListed = async () => {
    const query = `WorkflowId STARTS_WITH '${idOf('boards-gpu')}' AND ExecutionStatus = 'Failed'`;
    return (await stage.client.workflow.count(query)).count === hours.length || undefined;
  };
  await eventually(isListed);
  expect(await findBatch(stage.client, idOf('boards'))).toBe(own);
});

it('lists the batches of a project, each id once, those under way first', async () => {
  await ended(idOf('listed'), '61');
  await ended(idOf('listed'), '62');
  addJobs(stage, 63, 1, { steps: STARTING });
  const running = await start(idOf('listed-too'), '63');
  const list = await eventually(async () => {
    const all = await listBatches(stage.client, { projectId: stage.projectId });
    const own = all.filter(({ workflowId }) => workflowId.includes(':listed'));
    return own[1]?.progress?.outcomes?.[0]?.jobId === '62' && own[0]!.running ? own : undefined;
  });
  expect(list.map(({ workflowId }) => workflowId)).toEqual([idOf('listed-too'), idOf('listed')]);
  expect(list[0]).toMatchObject({ running: true, projectId: stage.projectId });
  const ofRunning = await listBatches(stage.client, { projectId: stage.projectId, running: true });
  expect(ofRunning.map(({ workflowId }) => workflowId)).toContain(idOf('listed-too'));
  expect(ofRunning.every(({ running: isRunning }) => isRunning)).toBe(true);
  await running.terminate();
});

it('tells which restarts are under way, and of which batch', async () => {
  addJobs(stage, 71, 1, { steps: STARTING });
  addJobs(stage, 72, 1, { steps: STARTING });
  const alone = await stage.start({ jobId: '71', settleTime: '10m', timeout: '10m' });
  const batch = await start(idOf('of-two'), '72');
  await untilWaiting(stage, '72');
  const restarts = await eventually(async () => {
    const all = await restartsUnderWay(stage.client, stage.projectId);
    return all.has('71') && all.has('72') ? all : undefined;
  });
  expect(restarts.get('71')).toEqual({
    workflowId: alone.workflowId,
    runId: expect.any(String) as string,
    startedAt: expect.stringMatching(/^20.*Z$/) as string,
  });
  expect(restarts.get('72')).toMatchObject({ batch: { workflowId: batch.workflowId } });
  expect((await describeBatch(stage.client, batch)).running).toBe(true);
  await Promise.all([alone.terminate(), batch.cancel()]);
});
