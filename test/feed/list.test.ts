import type { ReadAnswer } from '../../src/domain/answer.js';
import { ids, ListedLooks, watchAll } from './listed-looks.js';
import {
  fails,
  feedOf,
  JOB,
  now,
  pass,
  refuses,
  stopTheClock,
  watch,
  type Watch,
} from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

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
    watchAll(feedOf(looks), [...ids(20), ...ids(79, 401), ...ids(1, 350)]);
    await pass(0);
    expect(looks.asked.map(({ page }) => page)).toEqual([1, 2, 3, 4, 5]);
    await pass(5_000);
    // Pages 1, 4 and 5 show them: 100 jobs are enough for three pages.
    expect(looks.asked.slice(5).map(({ page }) => page)).toEqual([1, 4, 5]);
    expect(looks.made).toEqual([]);
  });

  test('only the pages that show the jobs are read again', async () => {
    const pages = (page: number): string[] => (page > 5 ? [] : ids(100, 100 * (page - 1) + 1));
    const looks = new ListedLooks({ pages, total: 500 });
    const watches = watchAll(feedOf(looks), ids(50, 301));
    await pass(10_000);
    expect(looks.asked.map(({ page }) => page)).toEqual([1, 2, 3, 4, 5, 4, 4]);
    for (const { served } of watches) expect(served).toEqual([0, 5_000, 10_000]);
  });

  test('rows that have moved to another page are found there', async () => {
    // Half of the first page is deleted, so that all later rows move up.
    const pages = (page: number, at: number): string[] =>
      page > 5 ? [] : ids(100, 100 * (page - 1) + (at < 5_000 ? 1 : 51));
    const looks = new ListedLooks({ pages, total: 500 });
    const watches = watchAll(feedOf(looks), ids(40, 301));
    await pass(5_000);
    expect(looks.asked.map(({ page }) => page)).toEqual([1, 2, 3, 4, 5, 4, 3]);
    for (const { served } of watches) expect(served).toEqual([0, 5_000]);
  });

  test('the pages of a long list are read side by side', async () => {
    const pages = (page: number): string[] => (page > 6 ? [] : ids(50, 50 * (page - 1) + 1));
    const looks = new ListedLooks({ pages, total: 300, tookMs: 100 });
    watchAll(feedOf(looks), ids(300));
    await pass(400);
    expect(looks.asked.map(({ page, at }) => [page, at])).toEqual([
      [1, 0],
      [2, 100],
      [3, 200],
      [4, 200],
      [5, 200],
      [6, 200],
    ]);
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

  test('of a long list, only the page is read that would show it, and nobody waits longer for that', async () => {
    const pages = (page: number): string[] => (page > 60 ? [] : ids(100, 100 * (page - 1) + 1));
    const looks = new ListedLooks({ pages, total: 6_000, tookMs: 300, detailTookMs: 300 });
    const feed = feedOf(looks);
    // The jobs of the last page make the feed learn where all pages end.
    const all = watchAll(feed, [...ids(40), ...ids(40, 5_961)]);
    await pass(21_000);
    const { length: before } = looks.asked;
    const hidden = watch(feed, { job: { ...JOB, jobId: '9000000' } });
    await pass(60_000);
    expect(looks.asked.slice(before)).toHaveLength(24);
    expect(looks.timesOf('9000000').length).toBeGreaterThan(10);
    for (const { served } of [...all, hidden]) {
      const gaps = served.slice(1).map((at, index) => at - served[index]!);
      expect(gaps.length).toBeGreaterThan(5);
      expect(Math.max(...gaps.slice(1))).toBeLessThanOrEqual(5_300);
    }
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
