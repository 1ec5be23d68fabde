import { JobsNotReadError, readJobs } from '../../src/cli/read-jobs.js';
import type { ReadAnswer } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import type { ListPage } from '../../src/modelarts/job-body.js';
import type { ListQuery } from '../../src/modelarts/urls.js';

/** A page with these jobs, KILLED unless told otherwise. */
function page(total: number, ...jobs: (string | [string, number])[]): ReadAnswer<ListPage> {
  const rows = jobs.map((job) => {
    const [jobId, code] = typeof job === 'string' ? [job, 12] : job;
    return { jobId, status: statusOf(code), lookedAt: 1 };
  });
  return { kind: 'read', value: { total, received: jobs.length, jobs: rows } };
}

/** A client whose list gives these answers one after the other; notes what it was asked for. */
function scripted(...answers: ReadAnswer<ListPage>[]) {
  const asked: ListQuery[] = [];
  const list = async (_: string, query: ListQuery) => {
    asked.push(query);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('asked for a page too many');
    return answer;
  };
  return { asked, client: { list } as Partial<ModelArtsClient> as ModelArtsClient };
}

const read = async (
  { client }: ReturnType<typeof scripted>,
  status?: number[],
): Promise<string[]> => {
  const jobs = await readJobs(client, 'p', status === undefined ? {} : { status });
  return jobs.map(({ jobId, status: { code } }) => `${jobId}:${code}`);
};

it('reads on until all rows came, however few a page has, and sorts by id', async () => {
  const list = scripted(page(3, '20', '3'), page(3, '100'));
  expect(await read(list)).toEqual(['3:12', '20:12', '100:12']);
  expect(list.asked).toEqual([{ page: 1 }, { page: 2 }]);
});

it('leaves one status to ModelArts, and picks several itself', async () => {
  const one = scripted(page(2, '1', ['2', 8]));
  expect(await read(one, [12])).toEqual(['1:12']);
  expect(one.asked).toEqual([{ status: 12, page: 1 }]);
  const two = scripted(page(3, '1', ['2', 8], ['3', 11]));
  expect(await read(two, [12, 11])).toEqual(['1:12', '3:11']);
  expect(two.asked).toEqual([{ page: 1 }]);
});

it('reads the list without a filter where one page does not show all, since such rows move', async () => {
  const list = scripted(page(3, '1', '2'), page(4, '1', '2'), page(4, ['3', 8], '4'));
  expect(await read(list, [12])).toEqual(['1:12', '2:12', '4:12']);
  expect(list.asked).toEqual([{ status: 12, page: 1 }, { page: 1 }, { page: 2 }]);
});

it('reads again where a row came twice, and shows that job once, as it was last seen', async () => {
  const list = scripted(page(3, '1', '2'), page(3, ['2', 8]), page(3, '1', '2'), page(3, '3'));
  expect(await read(list)).toEqual(['1:12', '2:12', '3:12']);
});

it('reads again where the size changed, and drops what has gone', async () => {
  const list = scripted(page(4, '1', '2'), page(3, '4'), page(3, '2', '3'), page(3, '4'));
  expect(await read(list)).toEqual(['2:12', '3:12', '4:12']);
});

it('shows what it saw of a list that changes all the time', async () => {
  const list = scripted(page(2, '1'), page(3), page(2, '2'), page(3), page(2, '3'), page(3));
  expect(await read(list)).toEqual(['1:12', '2:12', '3:12']);
});

it('says what ModelArts refused, and what to do', async () => {
  const error = { code: 'ModelArts.0108', message: 'no right', httpStatus: 403 };
  const reading = read(scripted({ kind: 'refused', error }));
  await expect(reading).rejects.toThrow(JobsNotReadError);
  await expect(reading).rejects.toThrow(/^ModelArts\.0108: no right\. The credentials may not/);
});

it('says what to check where ModelArts can’t be reached', async () => {
  const error = { message: 'host name unknown (ENOTFOUND): modelarts.cn-nroth-4.example.com' };
  const reading = read(scripted({ kind: 'again', error, retryAfterMs: 60_000 }));
  await expect(reading).rejects.toThrow(
    /example\.com\. Check HW_REGION_NAME or MODELARTS_ENDPOINT/,
  );
});

it('gives up where ModelArts asks for more patience than somebody at a prompt has', async () => {
  const error = { message: 'busy', httpStatus: 429 };
  const reading = read(scripted({ kind: 'again', error, retryAfterMs: 60_000 }));
  await expect(reading).rejects.toThrow('HTTP429: busy');
});
