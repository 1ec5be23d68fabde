import type { ReadAnswer } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import { ListSweep } from '../../src/feed/list-sweep.js';
import type { ListPage } from '../../src/modelarts/job-body.js';

/** Numbers in [0, below), the same for the same seed. */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

const readOf = (list: readonly number[], rows: number) => (page: number) => {
  const shown = list.slice((page - 1) * rows, page * rows);
  const jobs = shown.map((id) => ({ jobId: String(id), status: statusOf(8), lookedAt: 0 }));
  const value = { jobs, total: list.length, received: jobs.length };
  return Promise.resolve<ReadAnswer<ListPage>>({ kind: 'read', value });
};

test('what was learnt from a list that has changed since hides no job: each listed job is shown, and no page is read twice', async () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const below = numbersOf(seed);
    const rows = 1 + below(10);
    const sweep = new ListSweep();
    let list = Array.from({ length: below(120) }, (_, n) => 1 + 3 * n);
    for (let round = 0; round < 4; round += 1) {
      // Jobs are deleted anywhere, and come anywhere, as where ModelArts filters by status.
      const kept = list.filter(() => below(4) > 0);
      const more = Array.from({ length: below(30) }, () => 1 + below(400));
      list = [...new Set([...kept, ...more])].sort((a, b) => a - b);
      const wanted = Array.from({ length: 1 + below(20) }, () => 1 + below(450));
      const missing = new Set(wanted.map(String));
      const asked: number[] = [];
      const read = async (page: number): Promise<ReadAnswer<ListPage>> => {
        asked.push(page);
        const answer = await readOf(list, rows)(page);
        if (answer.kind === 'read')
          for (const { jobId } of answer.value.jobs) missing.delete(jobId);
        return answer;
      };
      expect(await sweep.sweep(read, () => [...missing])).toBe(true);
      const unlisted = wanted.filter((id) => !list.includes(id)).map(String);
      expect({ seed, missing: [...missing].sort() }).toEqual({
        seed,
        missing: [...new Set(unlisted)].sort(),
      });
      expect(new Set(asked).size).toBe(asked.length);
    }
  }
});

const idsUpTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1);

/** Sweeps for one job, which must be shown, and returns the pages that were read. */
async function pagesReadFor(
  jobId: string,
  read: (page: number) => Promise<ReadAnswer<ListPage>>,
): Promise<number[]> {
  const asked: number[] = [];
  const missing = new Set([jobId]);
  const readPage = async (page: number): Promise<ReadAnswer<ListPage>> => {
    asked.push(page);
    const answer = await read(page);
    if (answer.kind === 'read') for (const job of answer.value.jobs) missing.delete(job.jobId);
    return answer;
  };
  expect(await new ListSweep().sweep(readPage, () => [...missing])).toBe(true);
  expect([...missing]).toEqual([]);
  return asked;
}

test('pages that are answered in another order than they were asked for hide no job', async () => {
  const read = readOf(idsUpTo(100), 10);
  const asked = await pagesReadFor('95', async (page) => {
    if (page % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return read(page);
  });
  expect(asked.at(-1)).toBe(10);
});

test('a page whose rows can’t be read does not end the search', async () => {
  const read = readOf(idsUpTo(50), 10);
  const asked = await pagesReadFor('45', async (page) => {
    const answer = await read(page);
    if (page !== 2 || answer.kind !== 'read') return answer;
    return { kind: 'read', value: { ...answer.value, jobs: [] } };
  });
  expect(asked).toContain(5);
});
