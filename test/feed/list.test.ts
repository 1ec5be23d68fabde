import type { ReadAnswer } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import type { ListPage } from '../../src/modelarts/job-body.js';
import type { StatusFeed } from '../../src/modelarts/status-feed.js';
import {
  feedOf,
  fails,
  JOB,
  now,
  pass,
  ScriptedLooks,
  refuses,
  shows,
  stopTheClock,
  watch,
  type Watch,
} from './scripted-looks.js';
import { beginWait, reads } from './waiting.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const ids = (count: number, first = 1): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index));

interface Listed {
  /** The ids that the list shows, by page and the time since START. */
  pages?: (page: number, at: number) => string[];
  total?: number;
  status?: (jobId: string, at: number) => number;
  tookMs?: number;
  detailTookMs?: number;
  /** In place of the page. */
  fails?: (page: number, at: number) => ReadAnswer<ListPage> | undefined;
}

/** A project whose list shows what is wanted; each job's own look shows the same status. */
class ListedLooks extends ScriptedLooks {
  readonly asked: { page: number; at: number }[] = [];

  constructor(readonly listed: Listed = {}) {
    super((jobId, at) => shows((listed.status ?? (() => 7))(jobId, at)), listed.detailTookMs);
  }

  override list = async (
    _project: string,
    { page }: { page: number },
  ): Promise<ReadAnswer<ListPage>> => {
    const at = now();
    const lookedAt = Date.now();
    this.asked.push({ page, at });
    const { pages = (one: number) => (one === 1 ? ids(1_000) : []), status = () => 7 } =
      this.listed;
    const failed = this.listed.fails?.(page, at);
    const rows = pages(page, at);
    const jobs = rows.map((jobId) => ({
      jobId,
      name: `job ${jobId}`,
      status: statusOf(status(jobId, at)),
      lookedAt,
    }));
    if (this.listed.tookMs) await new Promise((done) => setTimeout(done, this.listed.tookMs));
    if (failed !== undefined) return failed;
    const { total = rows.length } = this.listed;
    return { kind: 'read', value: { jobs, total, received: rows.length, skipped: 0 } };
  };

  get listedAt(): number[] {
    return this.asked.map(({ at }) => at);
  }
}

function watchAll(feed: StatusFeed, jobIds: readonly string[]): Watch[] {
  return jobIds.map((jobId) => watch(feed, { job: { ...JOB, jobId } }));
}

describe('which endpoint looks', () => {
  test('a thousand jobs cost one page per interval, and no look at a single job', async () => {
    const looks = new ListedLooks();
    const watches = watchAll(feedOf(looks), ids(1_000));
    await pass(10_000);
    expect(looks.listedAt).toEqual([0, 5_000, 10_000]);
    expect(looks.made).toEqual([]);
    for (const { served } of watches) expect(served).toEqual([0, 5_000, 10_000]);
  });

  test.each([
    [19, 0, 19],
    [20, 1, 0],
  ])('%i jobs cost %i pages and %i looks', async (count, pages, details) => {
    const looks = new ListedLooks();
    watchAll(feedOf(looks), ids(count));
    await pass(4_999);
    expect([looks.asked.length, looks.made.length]).toEqual([pages, details]);
  });

  test('jobs that fall due one after the other are looked at together, early and never late', async () => {
    const looks = new ListedLooks();
    const feed = feedOf(looks);
    const watches: Watch[] = [];
    for (const jobId of ids(40)) {
      watches.push(...watchAll(feed, [jobId]));
      await pass(100);
    }
    const details = looks.made.length;
    await pass(20_000);
    expect(looks.made.length - details).toBeLessThanOrEqual(20);
    for (const { served } of watches) {
      const gaps = served.slice(1).map((at, index) => at - served[index]!);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000);
      expect(served.length).toBeGreaterThanOrEqual(4);
    }
  });

  test('one more page asks for twenty more jobs', async () => {
    // 100 rows at a time, whatever was asked for, as some documents say.
    const pages = (page: number): string[] => (page > 5 ? [] : ids(100, 100 * (page - 1) + 1));
    const looks = new ListedLooks({ pages, total: 500 });
    watchAll(feedOf(looks), ids(99, 401));
    await pass(0);
    expect(looks.asked.map(({ page }) => page)).toEqual([1, 2, 3, 4, 5]);
    await pass(5_000);
    // It takes five pages to see them: from now on they are looked at one by one.
    expect(looks.asked).toHaveLength(5);
    expect(looks.made).toHaveLength(99);
  });

  test('the list is read no further than the jobs that are waited for', async () => {
    const pages = (page: number): string[] => ids(100, 100 * (page - 1) + 1);
    const looks = new ListedLooks({ pages, total: 100_000 });
    watchAll(feedOf(looks), ids(30, 150));
    await pass(0);
    expect(looks.asked.map(({ page }) => page)).toEqual([1, 2]);
  });

  test('a look that somebody asks for is of the job alone', async () => {
    const looks = new ListedLooks();
    const feed = feedOf(looks);
    const [first] = watchAll(feed, ids(100));
    await pass(1_000);
    first!.lookNow();
    await pass(0);
    watch(feed, { job: { ...JOB, jobId: '2' }, lookAtOnce: true });
    await pass(0);
    watch(feed, { job: { ...JOB, jobId: '3' }, lookAt: [now() + 500] });
    await pass(500);
    expect(looks.made.map(({ jobId, at }) => [jobId, at])).toEqual([
      ['1', 1_000],
      ['2', 1_000],
      ['3', 1_500],
    ]);
  });
});

describe('what the list does not show', () => {
  test('a job of another workspace is looked at alone, at once and from then on', async () => {
    const looks = new ListedLooks();
    const feed = feedOf(looks);
    watchAll(feed, ids(100));
    const [hidden] = watchAll(feed, ['5000']);
    await pass(10_000);
    expect(looks.timesOf('5000')).toEqual([0, 5_000, 10_000]);
    expect(hidden!.served).toEqual([0, 5_000, 10_000]);
    expect(looks.made).toHaveLength(3);
  });

  test('a job that slipped through between two pages is back on the list the next time', async () => {
    const pages = (_page: number, at: number): string[] =>
      ids(100).filter((jobId) => at > 0 || jobId !== '50');
    const looks = new ListedLooks({ pages });
    watchAll(feedOf(looks), ids(100));
    await pass(15_000);
    // Its own look at 5 s was due with the page that shows it again.
    expect(looks.timesOf('50')).toEqual([0, 5_000]);
    expect(looks.listedAt).toEqual([0, 5_000, 10_000, 15_000]);
  });

  test('a list that ends sooner than its total says is read once, not for ever', async () => {
    const looks = new ListedLooks({ pages: (page) => (page === 1 ? ids(50) : []), total: 1_000 });
    watchAll(feedOf(looks), ids(60));
    await pass(0);
    expect(looks.asked.map(({ page }) => page)).toEqual([1, 2]);
    expect(looks.made).toHaveLength(10);
  });
});

describe('where the list fails', () => {
  test.each([
    ['transient', fails(502), [0, 5_000]],
    ['for good', refuses(403), [0, 600_000]],
  ])('%s: each job is looked at alone at once, the list later', async (_how, answer, times) => {
    const failed = answer as ReadAnswer<never>;
    const looks = new ListedLooks({ fails: (_page, at) => (at === 0 ? failed : undefined) });
    const watches = watchAll(feedOf(looks), ids(100));
    await pass(times[1]!);
    expect(looks.listedAt).toEqual(times);
    for (const { served } of watches) expect(served.slice(0, 2)).toEqual([0, 5_000]);
  });

  test('the second page: what the first one showed is not looked at again', async () => {
    const pages = (page: number): string[] => ids(50, 50 * (page - 1) + 1);
    const failed = fails(500) as ReadAnswer<never>;
    const looks = new ListedLooks({
      pages,
      total: 100,
      fails: (page, at) => (page === 2 && at === 0 ? failed : undefined),
    });
    watchAll(feedOf(looks), ids(100));
    await pass(0);
    expect(new Set(looks.made.map(({ jobId }) => jobId))).toEqual(new Set(ids(50, 51)));
  });

  test('throttled: the project rests, and no other page is asked for meanwhile', async () => {
    const throttled = fails(429, 20_000) as ReadAnswer<never>;
    const looks = new ListedLooks({ fails: (_page, at) => (at === 0 ? throttled : undefined) });
    watchAll(feedOf(looks), ids(100));
    await pass(19_999);
    expect([looks.listedAt, looks.made]).toEqual([[0], []]);
    await pass(1);
    expect(looks.listedAt).toEqual([0, 20_000]);
    expect(looks.made).toEqual([]);
  });

  test('a rest that begins between two pages ends the pass', async () => {
    const looks = new ListedLooks({
      pages: (page) => ids(50, 50 * (page - 1) + 1),
      total: 100,
      tookMs: 100,
    });
    const feed = feedOf(looks);
    watchAll(feed, ids(100));
    looks.detail = () => Promise.resolve(fails(429, 3_000));
    watch(feed, { job: { ...JOB, jobId: '7' }, lookAtOnce: true });
    await pass(2_999);
    expect(looks.asked).toEqual([{ page: 1, at: 0 }]);
  });
});

describe('freshness', () => {
  test('a page that was asked for before somebody came is not served to them', async () => {
    const looks = new ListedLooks({ tookMs: 1_000 });
    const feed = feedOf(looks);
    const [first] = watchAll(feed, ids(100));
    await pass(500);
    const late = watch(feed, { job: { ...JOB, jobId: '1' } });
    await pass(5_500);
    expect(first!.served).toEqual([0, 5_000]);
    expect(late.served).toEqual([5_000]);
  });

  test('a page is not told over a look at the job that was begun later', async () => {
    const looks = new ListedLooks({ tookMs: 1_000 });
    const feed = feedOf(looks);
    const [first] = watchAll(feed, ids(100));
    await pass(500);
    first!.lookNow();
    await pass(1_000);
    expect(first!.served).toEqual([500]);
  });

  test('a page is not told before a look at the job that was begun sooner', async () => {
    const looks = new ListedLooks({ detailTookMs: 1_000 });
    const feed = feedOf(looks);
    const [first] = watchAll(feed, ['1']);
    await pass(500);
    watchAll(feed, ids(100, 2));
    await pass(1_000);
    expect(looks.listedAt).toEqual([500]);
    expect(first!.served).toEqual([0]);
  });

  test('a page under way is not told where a look of the job’s own is wanted since', async () => {
    const looks = new ListedLooks({ tookMs: 1_000, detailTookMs: 1_000 });
    const watches = watchAll(feedOf(looks), ids(100));
    await pass(400);
    // With the page, these are as many as may be under way at once.
    for (const busy of watches.slice(0, 7)) busy.lookNow();
    await pass(100);
    watches[49]!.lookNow();
    await pass(2_000);
    expect(looks.timesOf('50')).toEqual([1_000]);
    expect(watches[49]!.served).toEqual([1_000]);
    expect(watches[50]!.served).toEqual([0]);
  });

  test('a row holds what a look at the job holds, and no more', async () => {
    const looks = new ListedLooks({ status: () => 8 });
    const feed = feedOf(looks);
    watchAll(feed, ids(100, 100));
    const { end } = beginWait(feed, { lookAtOnce: false });
    await pass(0);
    expect(end()).toEqual({ at: 0, result: reads(8, 0) });
    expect(Object.keys((end() as { result: { reading: object } }).result.reading)).toEqual([
      'status',
      'lookedAt',
    ]);
  });

  test('a status in doubt counts only when a look at the job alone shows it too', async () => {
    // The list shows the status before, as an old reading does; the job itself shows that it waits.
    const looks = new ListedLooks({ status: (jobId) => (jobId === '10' ? 12 : 7), tookMs: 10 });
    looks.detail = ({ jobId }) => {
      looks.made.push({ jobId, at: now() });
      return Promise.resolve(shows(7));
    };
    const feed = feedOf(looks);
    watchAll(feed, ids(100));
    const { end } = beginWait(feed, {
      last: 7,
      lookAtOnce: false,
      doubt: { code: 12, until: 12_000 },
    });
    await pass(14_999);
    expect(looks.timesOf('10')).toEqual([10, 5_010, 10_010]);
    expect(end()).toBeUndefined();
    // From the settle time on it is believed, whoever shows it.
    await pass(11);
    expect(end()).toEqual({ at: 15_010, result: reads(12, 15_000) });
  });

  test('a row of the list does not confirm a status in doubt after a second look that failed', async () => {
    const looks = new ListedLooks({ status: (jobId) => (jobId === '10' ? 12 : 7) });
    looks.detail = ({ jobId }) => {
      looks.made.push({ jobId, at: now() });
      return Promise.resolve(now() < 10_000 ? fails(500) : shows(12));
    };
    const feed = feedOf(looks);
    watchAll(feed, ids(100));
    const { end } = beginWait(feed, {
      last: 7,
      lookAtOnce: false,
      doubt: { code: 12, until: 60_000 },
    });
    await pass(9_999);
    // Rows that showed it after looks that failed.
    expect(looks.listedAt.length).toBeGreaterThan(2);
    expect(looks.timesOf('10')[0]).toBe(0);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(looks.timesOf('10').at(-1)).toBe(10_000);
    expect(end()).toEqual({ at: 10_000, result: reads(12, 10_000) });
  });
});
