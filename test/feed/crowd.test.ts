import type { ReadAnswer } from '../../src/domain/answer.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { Budget } from '../../src/modelarts/budget.js';
import { ids, ListedLooks } from './listed-looks.js';
import {
  feedOf,
  JOB,
  now,
  pass,
  refuses,
  stepWallClock,
  stopTheClock,
  watch,
  type Watch,
} from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

interface Asked extends Watch {
  at: number;
}

/** Asks for a look at each job, one after the other. */
async function askAll(
  feed: StatusFeed,
  jobIds: readonly string[],
  everyMs: number,
): Promise<Asked[]> {
  const all: Asked[] = [];
  for (const jobId of jobIds) {
    const wish = { job: { ...JOB, jobId }, lookAtOnce: true, pollIntervalMs: 600_000 };
    all.push({ ...watch(feed, wish), at: now() });
    await pass(everyMs);
  }
  return all;
}

test('eight who ask at once are answered at once, each by a look of its own', async () => {
  const looks = new ListedLooks();
  const all = await askAll(feedOf(looks), ids(8), 0);
  await pass(0);
  expect(looks.asked).toEqual([]);
  expect(all.map(({ served }) => served)).toEqual(Array(8).fill([0]));
});

test('500 who ask within 15 s cost two pages per second, and each is answered within half a second', async () => {
  const looks = new ListedLooks({ tookMs: 50 });
  const all = await askAll(feedOf(looks), ids(500), 30);
  await pass(2_000);
  expect(looks.asked.length + looks.made.length).toBeLessThanOrEqual(42);
  for (const { at, served } of all) {
    expect(served[0]).toBeGreaterThanOrEqual(at);
    expect(served[0]).toBeLessThanOrEqual(at + 560);
  }
});

describe('where a page shows 100 of 500 jobs', () => {
  const ofHundreds = (): ListedLooks =>
    new ListedLooks({ tookMs: 50, total: 500, pages: (page) => ids(100, 100 * (page - 1) + 1) });
  /** All ids, so that each five after one another are on five pages. */
  const mixed = ids(500).map((_, n) => String(1 + (n % 5) * 100 + Math.floor(n / 5)));

  test('500 who ask within 15 s are answered within two seconds, and soon cost five pages per two seconds', async () => {
    const looks = ofHundreds();
    const all = await askAll(feedOf(looks), mixed, 30);
    await pass(3_000);
    const calls = [...looks.asked, ...looks.made].filter(({ at }) => at >= 4_000);
    expect(calls.length).toBeGreaterThanOrEqual(25);
    expect(calls.length).toBeLessThanOrEqual(35);
    for (const { at, served } of all) expect(served[0]).toBeLessThanOrEqual(at + 2_200);
  });

  test('whoever has a short interval waits for its pages no longer than that', async () => {
    const feed = feedOf(ofHundreds());
    const hurried: Asked[] = [];
    for (const [n, jobId] of mixed.entries()) {
      const pollIntervalMs = n % 20 === 0 ? 1_000 : 600_000;
      const one = watch(feed, { job: { ...JOB, jobId }, lookAtOnce: true, pollIntervalMs });
      if (n % 20 === 0) hurried.push({ ...one, at: now() });
      await pass(30);
    }
    await pass(3_000);
    for (const { at, served } of hurried) expect(served[0]).toBeLessThanOrEqual(at + 1_075);
  });

  test('a crowd that waits for its pages, and asks for nothing else, is answered by them', async () => {
    const looks = ofHundreds();
    const feed = feedOf(looks);
    await askAll(feed, mixed.slice(0, 200), 30);
    const { length: alone } = looks.made;
    const all = await askAll(feed, mixed.slice(200, 300), 0);
    await pass(3_000);
    expect(looks.made).toHaveLength(alone);
    for (const { served } of all) expect(served).toHaveLength(1);
  });
});

test('where the list is refused, a crowd is looked at job by job', async () => {
  const looks = new ListedLooks({ fails: () => refuses(403) });
  const all = await askAll(feedOf(looks), ids(100), 10);
  await pass(1_000);
  expect(looks.asked).toHaveLength(1);
  for (const { at, served } of all) expect(served[0]).toBeLessThanOrEqual(at + 1_010);
});

test('a job that the list does not show is looked at alone, after the page without it', async () => {
  const looks = new ListedLooks();
  const feed = feedOf(looks);
  await askAll(feed, ids(50), 1);
  const [hidden] = await askAll(feed, ['5000'], 0);
  await pass(1_100);
  expect(hidden!.served).toHaveLength(1);
  expect(looks.timesOf('5000')).toHaveLength(1);
});

test('the interval of a job that is waited for is kept while a crowd asks', async () => {
  const looks = new ListedLooks({ tookMs: 20 });
  const feed = feedOf(looks);
  const waiting = ids(100).map((jobId) => watch(feed, { job: { ...JOB, jobId } }));
  await askAll(feed, ids(500, 200), 30);
  for (const { served } of waiting) {
    const gaps = served.slice(1).map((at, index) => at - served[index]!);
    expect(served.length).toBeGreaterThan(2);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5_025);
  }
});

test('what a page showed is forgotten after two minutes, once another page is read', async () => {
  const pages = (page: number): string[] => ids(100, 100 * (page - 1) + 1);
  const looks = new ListedLooks({ status: () => 8, total: 200, pages });
  const feed = feedOf(looks);
  const isKnown = (jobId: string): boolean => feed.seenUp({ ...JOB, jobId }, 0) !== undefined;
  await askAll(feed, ids(20), 1);
  await pass(1_000);
  await pass(110_000);
  await askAll(feed, ids(20, 101), 1);
  await pass(1_000);
  expect([isKnown('1'), isKnown('101')]).toEqual([true, true]);
  await pass(60_000);
  await askAll(feed, ids(20, 121), 1);
  await pass(1_000);
  expect([isKnown('1'), isKnown('101')]).toEqual([false, true]);
});

test('a page from before the clock was set back is as old as it is', async () => {
  const looks = new ListedLooks({ status: () => 8 });
  const feed = feedOf(looks);
  stepWallClock(3_600_000);
  await pass(1_000);
  await askAll(feed, ids(20), 1);
  await pass(1_000);
  stepWallClock(-3_600_000);
  const isSeenSince = (ms: number): boolean =>
    feed.seenUp({ ...JOB, jobId: '500' }, Date.now() - ms) !== undefined;
  expect(isSeenSince(90_000)).toBe(true);
  await pass(300_000);
  expect(isSeenSince(90_000)).toBe(false);
});

test('a job that a page showed up is known, until the reading is older than asked for', async () => {
  const looks = new ListedLooks({ status: (jobId) => (jobId === '7' ? 12 : 8) });
  const feed = feedOf(looks);
  await pass(1_000);
  await askAll(feed, ids(20), 1);
  await pass(1_000);
  const seen = Date.now();
  await pass(60_000);
  expect(feed.seenUp({ ...JOB, jobId: '500' }, seen - 2_000)).toMatchObject({
    status: { code: 8 },
  });
  expect(feed.seenUp({ ...JOB, jobId: '500' }, seen + 1)).toBeUndefined();
  expect(feed.seenUp({ ...JOB, jobId: '7' }, 0)).toBeUndefined();
  expect(feed.seenUp({ ...JOB, jobId: '5000' }, 0)).toBeUndefined();
});

describe('under a limit of the gateway', () => {
  /** A feed with a budget of 10 calls per minute. */
  function limited(looks: ListedLooks): StatusFeed {
    const budget = new Budget([{ calls: 10, windowMs: 60_000 }]);
    const spend = async <T>(look: () => Promise<T>): Promise<T> => {
      expect(budget.nextLookAt()).toBeLessThanOrEqual(now());
      budget.tookLook();
      return look();
    };
    return new StatusFeed({
      detail: (job) => spend(() => looks.detail(job)),
      list: (project, query) => spend(() => looks.list(project, query)),
      pauseOf: () => {
        const until = budget.nextLookAt();
        return until <= now() ? undefined : { until, error: { message: 'later' }, isPace: true };
      },
      budget,
    });
  }

  test('looks are stretched and none fails: a list for two jobs, with half a minute for six pages', async () => {
    const pages = (page: number): string[] => (page > 6 ? [] : ids(50, 50 * (page - 1) + 1));
    const looks = new ListedLooks({ pages, total: 300 });
    const failures: unknown[] = [];
    const onLook = (answer: ReadAnswer<unknown>) => {
      if (answer.kind !== 'read') failures.push(answer);
    };
    const feed = limited(looks);
    const watches = ids(12).map((_, n) =>
      watch(feed, { job: { ...JOB, jobId: String(1 + n * 25) }, onLook }),
    );
    await pass(180_000);
    expect(failures).toEqual([]);
    expect(looks.made).toEqual([]);
    expect(looks.asked.length).toBeGreaterThanOrEqual(20);
    expect(looks.asked.length).toBeLessThanOrEqual(30);
    expect(watches).toHaveLength(12);
  });
});
