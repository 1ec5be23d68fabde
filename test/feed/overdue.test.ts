import {
  fails,
  feedOf,
  JOB,
  pass,
  ScriptedLooks,
  shows,
  stopTheClock,
  watch,
} from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const job = (jobId: string) => ({ ...JOB, jobId });

it('no look is overdue while looks keep their pace, whoever has just come', async () => {
  const feed = feedOf(new ScriptedLooks(() => shows(7)));
  expect(feed.overdueMs()).toBe(0);
  // Nobody has ever looked at this job, and the worker is old.
  await pass(3_600_000);
  watch(feed);
  expect(feed.overdueMs()).toBe(0);
  for (let seconds = 0; seconds < 20; seconds += 1) {
    await pass(1_000);
    expect(feed.overdueMs()).toBe(0);
  }
});

it('a look that a pause holds back is overdue from when it was due', async () => {
  const feed = feedOf(new ScriptedLooks(() => fails(429, 60_000)));
  watch(feed);
  await pass(1);
  const other = watch(feed, { job: job('11'), lookAtOnce: true });
  await pass(30_000);
  expect(feed.overdueMs()).toBe(30_000);
  other.end();
  // The first one is due again a second after its failure.
  expect(feed.overdueMs()).toBe(29_001);
});

it('the look that has been due for longest counts, also one that is wanted now', async () => {
  const feed = feedOf(new ScriptedLooks(() => fails(429, 60_000)));
  const first = watch(feed, { pollIntervalMs: 600_000 });
  await pass(10_000);
  first.lookNow();
  await pass(5_000);
  watch(feed, { job: job('11'), lookAtOnce: true });
  await pass(7_000);
  expect(feed.overdueMs()).toBe(21_000);
});

it('a look that somebody wants now is overdue from then on, although its interval is not over', async () => {
  const looks = new ScriptedLooks((jobId) => (jobId === '11' ? fails(429, 60_000) : shows(7)));
  const feed = feedOf(looks);
  const first = watch(feed, { pollIntervalMs: 600_000 });
  await pass(1);
  const other = watch(feed, { job: job('11') });
  await pass(10_000);
  other.end();
  first.lookNow();
  await pass(7_000);
  expect(feed.overdueMs()).toBe(7_000);
});

it('nothing is overdue once nobody waits', async () => {
  const feed = feedOf(new ScriptedLooks(() => fails(429, 60_000)));
  const only = watch(feed, { lookAtOnce: true });
  await pass(10_000);
  expect(feed.overdueMs()).toBeGreaterThan(0);
  only.end();
  expect(feed.overdueMs()).toBe(0);
});
