import { parseJson, readDetail, readListPage } from '../../src/modelarts/job-body.js';

const context = { lookedAt: 42, scrub: (text: string) => text };
const detail = (json: string, jobId = '197') => readDetail(parseJson(json), jobId, context);

describe('a detail answer', () => {
  test.each([
    ['{"job_id":197,"status":12}', { code: 12, name: 'KILLED' }],
    ['{"job_id":"197","status":"12"}', { code: 12, name: 'KILLED' }],
    ['{"is_success":true,"status":0}', { code: 0, name: 'UNKNOWN' }],
    ['{"job_id":null,"status":99,"service_url":""}', { code: 99, name: 'UNKNOWN_99' }],
  ])('%s shows its status and nothing that is not there', (json, status) => {
    expect(detail(json)).toEqual({ status, lookedAt: 42 });
  });

  test.each([
    '{"job_id":197}',
    '{"job_id":197,"status":null}',
    '{"job_id":197,"status":true}',
    '{"job_id":197,"status":""}',
    '{"job_id":197,"status":"8x"}',
    '{"job_id":197,"status":8.5}',
    '{"job_id":197,"status":-1}',
    '{"job_id":197,"status":[8]}',
    '{"job_id":198,"status":8}',
    '{"job_id":1.97e2x,"status":8}',
    '{"job_id":{},"status":8}',
    '{"status":8',
    '[{"job_id":197,"status":8}]',
    'null',
    '8',
    '',
  ])('%s is not read', (json) => {
    expect(detail(json)).toBeUndefined();
  });

  test('of a job beyond 2^53 is told from that of its neighbour', () => {
    const id = '9007199254740993';
    expect(Number(id)).toBe(9007199254740992);
    expect(detail(`{"job_id": ${id} ,"status":8}`, id)).toBeDefined();
    expect(detail(`{"job_id":9007199254740992,"status":8}`, id)).toBeUndefined();
    expect(detail(`{"job\\u005fid":9007199254740993,"status":8}`, id)).toBeUndefined();
  });

  test.each(['https://x.example/a b', 'https://x.example/\n', ' ', 'x'.repeat(3000)])(
    'with the address %j shows none',
    (url) => {
      expect(detail(JSON.stringify({ status: 8, service_url: url }))).not.toHaveProperty(
        'serviceUrl',
      );
    },
  );
});

test('quoting job ids changes nothing inside of strings', () => {
  const body = { job_name: '"job_id":12}', job_desc: '\\"job_id": 7,', 'x"job_id': 'y' };
  expect(parseJson(JSON.stringify(body))).toEqual(body);
});

describe('a page of the list', () => {
  const list = (body: unknown, page = 1, perPage = 1000) =>
    readListPage(parseJson(JSON.stringify(body)), { page, perPage }, context);

  test('shows each job with its id and address', () => {
    expect(
      list({
        is_success: true,
        job_total_count: 2,
        jobs: [
          { job_id: 4711, job_name: 'loss', status: 8, service_url: 'https://x.example/' },
          { job_id: '4712', status: '12', service_url: '' },
        ],
      }),
    ).toEqual({
      jobs: [
        {
          jobId: '4711',
          name: 'loss',
          status: { code: 8, name: 'RUNNING' },
          serviceUrl: 'https://x.example/',
          lookedAt: 42,
        },
        { jobId: '4712', status: { code: 12, name: 'KILLED' }, lookedAt: 42 },
      ],
      total: 2,
      received: 2,
    });
  });

  test('skips the rows that cannot be read, but counts them as received', () => {
    const page = list({
      job_total_count: 5,
      jobs: [
        null,
        { job_id: 1 },
        { status: 8 },
        { job_id: 'x', status: 8 },
        { job_id: 2, status: 8 },
      ],
    });
    expect(page).toMatchObject({ total: 5, received: 5 });
    expect(page?.jobs.map(({ jobId }) => jobId)).toEqual(['2']);
  });

  test.each([{}, { jobs: null, job_total_count: 0 }, { jobs: {} }, null, 'jobs'])(
    '%j is none',
    (body) => {
      expect(list(body)).toBeUndefined();
    },
  );

  test('without a total lets the caller page on after a full page, and stop after a short one', () => {
    const row = { job_id: 1, status: 8 };
    expect(list({ jobs: [row, row] }, 3, 2)?.total).toBeGreaterThan(6);
    expect(list({ jobs: [row] }, 3, 2)?.total).toBe(5);
  });
});
