import { MockActivityEnvironment } from '@temporalio/testing';
import type { SelectedJobs } from '../../src/activities/activities.js';
import { selectJobs } from '../../src/activities/select-jobs.js';
import type { ReadAnswer } from '../../src/domain/answer.js';
import type { ReadSelection } from '../../src/domain/batch-options.js';
import { statusOf } from '../../src/domain/status.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import type { ListPage } from '../../src/modelarts/job-body.js';
import type { ListQuery } from '../../src/modelarts/urls.js';

const projectId = 'p';
const NEVER = new AbortController().signal;

/** A page with these jobs, KILLED unless told otherwise. */
function page(total: number, jobs: (string | [string, number])[], received = jobs.length) {
  const rows = jobs.map((job) => {
    const [jobId, code] = typeof job === 'string' ? [job, 12] : job;
    return { jobId, status: statusOf(code), lookedAt: 1 };
  });
  return { kind: 'read', value: { total, received, jobs: rows } } as const;
}

const BUSY = {
  kind: 'again',
  error: { message: 'busy', httpStatus: 429 },
  retryAfterMs: 7_000,
} as const;

/** A client whose list gives these answers one after the other; notes what it was asked for. */
function scripted(answers: ReadAnswer<ListPage>[]) {
  const asked: ListQuery[] = [];
  const list = async (_: string, query: ListQuery) => {
    asked.push(query);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('asked for a page too many');
    return answer;
  };
  return { asked, client: { list } as Partial<ModelArtsClient> as ModelArtsClient };
}

/** Attempts as Temporal makes them, each with what the one before has kept; and their pauses. */
async function attempts(
  client: ModelArtsClient,
  select: ReadSelection,
  stopping = NEVER,
): Promise<{ selected: SelectedJobs; pausesMs: number[] }> {
  const pausesMs: number[] = [];
  for (let attempt = 1, heartbeatDetails: unknown; ; attempt += 1) {
    const environment = new MockActivityEnvironment({ attempt, heartbeatDetails });
    environment.on('heartbeat', (details: unknown) => {
      heartbeatDetails = JSON.parse(JSON.stringify(details));
    });
    try {
      const input = { projectId, select };
      const selected = (await environment.run(selectJobs, client, stopping, input)) as SelectedJobs;
      return { selected, pausesMs };
    } catch (error) {
      const { type, nextRetryDelay } = error as { type?: string; nextRetryDelay?: number };
      if (type !== 'LookFailed') throw error;
      pausesMs.push(nextRetryDelay!);
    }
  }
}

const selectedBy = async (answers: ReadAnswer<ListPage>[], select: ReadSelection = {}) =>
  (await attempts(scripted(answers).client, select)).selected;

/** A list as ModelArts keeps it, two jobs to a page. After the first page, one job is restarted and one stops. */
function changing(): { client: ModelArtsClient; asked: ListQuery[] } {
  const asked: ListQuery[] = [];
  const codes = new Map(['1', '2', '3', '4', '5', '6'].map((jobId) => [jobId, 12]));
  codes.set('7', 8);
  const list = async (_: string, query: ListQuery) => {
    asked.push(query);
    const { status, page: number = 1 } = query;
    const all = [...codes].filter(([, code]) => status === undefined || status === code);
    const answer = page(all.length, all.slice(2 * (number - 1), 2 * number));
    if (asked.length === 1) {
      codes.set('1', 7);
      codes.set('7', 12);
    }
    return answer;
  };
  return { asked, client: { list } as Partial<ModelArtsClient> as ModelArtsClient };
}

test('misses no job that is KILLED all the time, where others change their status meanwhile', async () => {
  const { client, asked } = changing();
  const { selected } = await attempts(client, { status: [12] });
  expect(selected).toEqual({ kind: 'selected', jobIds: ['2', '3', '4', '5', '6', '7'] });
  // Once by the status, to see whether one page shows all.
  expect(asked.map(({ status }) => status)).toEqual([12, ...Array<undefined>(4).fill(undefined)]);
});

test('reads on until all rows came, however few a page has', async () => {
  const { client, asked } = scripted([page(5, ['1', '2']), page(5, ['3', '20']), page(5, ['100'])]);
  const { selected } = await attempts(client, { search: 'loss', workspaceId: 'w' });
  expect(selected).toEqual({ kind: 'selected', jobIds: ['1', '2', '3', '20', '100'] });
  expect(asked).toEqual(
    [1, 2, 3].map((number) => ({ search: 'loss', workspaceId: 'w', page: number })),
  );
});

test('leaves one status to ModelArts, and picks several itself', async () => {
  const one = scripted([page(1, ['1'])]);
  await attempts(one.client, { status: [12] });
  expect(one.asked).toEqual([{ status: 12, page: 1 }]);
  const two = scripted([page(4, ['1', ['2', 8], ['3', 11], ['4', 99]])]);
  const { selected } = await attempts(two.client, { status: [11, 12] });
  expect(two.asked).toEqual([{ page: 1 }]);
  expect(selected).toEqual({ kind: 'selected', jobIds: ['1', '3'] });
});

test('does not trust a filter that ModelArts ignores', async () => {
  expect(await selectedBy([page(2, ['1', ['2', 8]])], { status: [12] })).toEqual({
    kind: 'selected',
    jobIds: ['1'],
  });
});

test('a list that matches nothing selects nothing', async () => {
  expect(await selectedBy([page(0, [])])).toEqual({ kind: 'selected', jobIds: [] });
});

test('goes on with the page that failed, and pauses as long as ModelArts asks', async () => {
  const { client, asked } = scripted([page(3, ['1']), BUSY, BUSY, page(3, ['2']), page(3, ['3'])]);
  const { selected, pausesMs } = await attempts(client, {});
  expect(selected).toEqual({ kind: 'selected', jobIds: ['1', '2', '3'] });
  expect(asked.map(({ page: number }) => number)).toEqual([1, 2, 2, 2, 3]);
  expect(pausesMs).toEqual([7_000, 7_000]);
});

test('a refusal for good is returned as it is', async () => {
  const error = { code: 'ModelArts.0108', message: 'no', httpStatus: 403 };
  expect(await selectedBy([page(2, ['1']), { kind: 'refused', error }])).toEqual({
    kind: 'refused',
    error,
  });
});

test('reads the list again where a row has moved: the one that was on no page is found, and the one that is gone is not', async () => {
  // Job 1 is deleted after the first page, so job 3 moves from the second page to the first.
  const { client, asked } = scripted([
    page(4, ['1', '2']),
    page(3, ['4']),
    page(3, ['2', '3']),
    page(3, ['4']),
  ]);
  const { selected } = await attempts(client, {});
  expect(selected).toEqual({ kind: 'selected', jobIds: ['2', '3', '4'] });
  expect(asked.map(({ page: number }) => number)).toEqual([1, 2, 1, 2]);
});

test('a job that comes twice counts once, by its newer row, and the list is read again', async () => {
  const { client } = scripted([
    page(3, ['1', '2']),
    page(3, [['2', 8]]),
    page(3, ['1', ['2', 8]]),
    page(3, ['3']),
  ]);
  const { selected } = await attempts(client, { status: [12, 11] });
  expect(selected).toEqual({ kind: 'selected', jobIds: ['1', '3'] });
});

test('a list that never holds still, or that lacks rows, is read three times at most', async () => {
  const { client, asked } = scripted([1, 2, 3].flatMap(() => [page(3, ['1', '2']), page(3, [])]));
  expect((await attempts(client, {})).selected).toEqual({ kind: 'selected', jobIds: ['1', '2'] });
  expect(asked).toHaveLength(6);
});

test('rows that can’t be read count as rows, so that the reading ends', async () => {
  expect(await selectedBy([page(3, ['1', '2'], 3)])).toEqual({
    kind: 'selected',
    jobIds: ['1', '2'],
  });
});

test('more jobs than a batch takes end the reading at once; exactly as many are taken', async () => {
  const ids = Array.from({ length: 10_001 }, (_, index) => String(index + 1));
  expect(await selectedBy([page(50_000, ids)])).toEqual({ kind: 'too-many' });
  const selected = await selectedBy([page(10_000, ids.slice(1))]);
  expect(selected.kind === 'selected' && selected.jobIds).toHaveLength(10_000);
});

test('a worker that stops hands the reading over', async () => {
  const stopping = new AbortController();
  const { client } = scripted([page(2, ['1'])]);
  stopping.abort();
  await expect(attempts(client, {}, stopping.signal)).rejects.toMatchObject({
    type: 'WorkerStopping',
    nextRetryDelay: 10,
  });
});
