import { startSimulator, type Simulator } from '../../simulator/index.js';
import { call, callJson } from './support/client.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ quirks: { perPageMax: 100 } });
  for (let id = 1; id <= 120; id += 1) {
    simulator.addJob({ jobId: id, status: id % 2 === 0 ? 8 : 12, name: `board-${id}` });
  }
  simulator.addJob({ jobId: 500, status: 8, name: 'elsewhere', workspaceId: 'w1' });
});
afterAll(() => simulator.close());

async function list(query: string): Promise<{ total: number; ids: number[] }> {
  const { is_success, job_total_count, jobs } = await callJson(simulator, query);
  expect(is_success).toBe(true);
  return {
    total: job_total_count as number,
    ids: (jobs as { job_id: number }[]).map((job) => job.job_id),
  };
}

test('shows the first ten jobs of workspace 0 by number unless told otherwise', async () => {
  expect(await list('')).toEqual({ total: 120, ids: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
});

test('pages on, and a page is never longer than the maximum', async () => {
  expect((await list('?per_page=1000')).ids).toHaveLength(100);
  expect((await list('?per_page=1000&page=2')).ids).toEqual(
    Array.from({ length: 20 }, (_, i) => 101 + i),
  );
  expect((await list('?per_page=1000&page=3')).ids).toEqual([]);
});

test('filters by status, name and workspace', async () => {
  expect(await list('?status=12&per_page=2')).toEqual({ total: 60, ids: [1, 3] });
  expect(await list('?search_content=board-11')).toEqual({
    total: 11,
    ids: [11, 110, 111, 112, 113, 114, 115, 116, 117, 118],
  });
  expect(await list('?workspace_id=w1')).toEqual({ total: 1, ids: [500] });
});

test('sorts by any documented field, either way', async () => {
  expect((await list('?order=desc&per_page=2')).ids).toEqual([120, 119]);
  expect((await list('?sortBy=job_name&per_page=3')).ids).toEqual([1, 10, 100]);
  expect((await list('?sortBy=status&order=desc&per_page=2')).ids).toEqual([1, 3]);
});

test.each(['per_page=0', 'per_page=1001', 'page=0', 'sortBy=sort_by', 'order=up', 'status=KILLED'])(
  'refuses %s',
  async (query) => {
    const answer = await call(simulator, `?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('ModelArts.0104');
  },
);
