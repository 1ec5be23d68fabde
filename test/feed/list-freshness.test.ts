import { ids, ListedLooks, watchAll } from './listed-looks.js';
import { fails, feedOf, JOB, now, pass, shows, stopTheClock, watch } from './scripted-looks.js';
import { beginWait, reads } from './waiting.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

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
