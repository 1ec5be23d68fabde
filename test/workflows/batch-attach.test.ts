import { openStage, type Stage } from '../setup/stage.js';
import { addJobs, endOfBatch, startBatch } from './batches.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ list: true, simulator: { quirks: { perPageMax: 30 } } });
});
afterAll(() => stage.close());

const made = (operation: 'list' | 'detail' | 'restart', jobIds: readonly string[]) =>
  stage.simulator
    .requests({ operation })
    .filter(({ jobId }) => jobId === undefined || jobIds.includes(jobId)).length;

const attach = { ifRunning: 'attach', maxConcurrent: 10 } as const;

test('with `attach`, jobs that are up end by the pages that showed them up, without a look each', async () => {
  const jobIds = addJobs(stage, 1_000, 90, { status: 8 });
  const end = await endOfBatch(await startBatch(stage, { jobIds, ...attach }));
  expect(end).toMatchObject({ status: 'completed', outcome: { total: 90, running: 90 } });
  expect(made('restart', jobIds)).toBe(0);
  expect(made('list', jobIds) + made('detail', jobIds)).toBeLessThan(45);
});

test('with `attach`, a page from before the batch was started is not enough', async () => {
  const [jobId] = addJobs(stage, 1_000, 1, { status: 12 }) as [string];
  const end = await endOfBatch(await startBatch(stage, { jobIds: [jobId], ...attach }));
  expect(end).toMatchObject({ status: 'completed', outcome: { running: 1 } });
  expect(stage.simulator.acceptedRestarts(jobId)).toBe(1);
});

test('a job that is down is looked at right before its request, whatever a page showed', async () => {
  stage.simulator.clear();
  const jobIds = addJobs(stage, 1_000, 40, { status: 8 });
  const down = jobIds.at(-1)!;
  stage.simulator.setStatus(down, 11);
  const end = await endOfBatch(await startBatch(stage, { jobIds, ...attach }));
  expect(end).toMatchObject({ status: 'completed', outcome: { running: 40 } });
  const requests = stage.simulator.requests();
  const asked = requests.findIndex(
    ({ operation, jobId }) => operation === 'restart' && jobId === down,
  );
  const before = requests
    .slice(0, asked)
    .findLast(
      ({ operation, jobId }) => operation === 'list' || (operation === 'detail' && jobId === down),
    );
  expect(requests[asked]!.at - before!.at).toBeLessThan(2_000);
});

test('without `attach` each job is looked at after its own start', async () => {
  stage.simulator.clear();
  const jobIds = addJobs(stage, 1_000, 20, { status: 8 });
  const end = await endOfBatch(await startBatch(stage, { jobIds, maxConcurrent: 20 }));
  expect(end).toMatchObject({ status: 'failed', outcome: { refused: 20 } });
  expect(made('restart', jobIds)).toBe(20);
});
