import type { ReadAnswer, Reading } from '../../src/domain/answer.js';
import {
  feedOf,
  fails,
  JOB,
  pass,
  ScriptedLooks,
  shows,
  stopTheClock,
  watch,
} from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

/** Answers the looks in their order; the last answer is repeated. */
const inOrder = (...answers: ReadAnswer<Reading>[]) => {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)]!;
};

test.each([
  ['a 429 that says nothing', fails(429), 1_000],
  ['a 429 with a Retry-After', fails(429, 20_000), 20_000],
  ['a 503 with a Retry-After', fails(503, 20_000), 20_000],
  ['a Retry-After of a day, cut to 5 minutes', fails(429, 86_400_000), 300_000],
])('%s lets every job of the project rest that long', async (_what, answer, restMs) => {
  const looks = new ScriptedLooks(inOrder(answer, shows(8)));
  const feed = feedOf(looks);
  watch(feed);
  await pass(1);
  expect(feed.pauseOf(JOB.projectId)?.until).toBe(restMs);
  const other = watch(feed, { job: { ...JOB, jobId: '11' }, lookAtOnce: true });
  other.lookNow();
  await pass(restMs - 2);
  expect(looks.made).toHaveLength(1);
  await pass(1);
  expect(looks.timesOf('10')).toEqual([0, restMs]);
  expect(looks.timesOf('11')).toEqual([restMs]);
});

test('another project does not rest', async () => {
  const looks = new ScriptedLooks((jobId) => (jobId === '10' ? fails(429, 60_000) : shows(8)));
  const feed = feedOf(looks);
  const job = { projectId: 'ffff0123456789cdef0123456789abcd', jobId: '11' };
  watch(feed);
  watch(feed, { job });
  await pass(10_000);
  expect(looks.timesOf('10')).toEqual([0]);
  expect(looks.timesOf('11')).toEqual([0, 5_000, 10_000]);
  expect(feed.pauseOf(job.projectId)).toBeUndefined();
});

test('rests grow while it goes on, and begin anew after a look that succeeded', async () => {
  const busy = fails(429);
  const looks = new ScriptedLooks(inOrder(busy, busy, busy, shows(8), busy, shows(8)));
  watch(feedOf(looks));
  await pass(18_000);
  expect(looks.timesOf()).toEqual([0, 1_000, 3_000, 7_000, 12_000, 13_000, 18_000]);
});

test('looks that were throttled at the same time count as one, and a job in the queue rests too', async () => {
  const looks = new ScriptedLooks((_job, at) => (at < 1_000 ? fails(429) : shows(8)), 100);
  const feed = feedOf(looks);
  for (let id = 1; id <= 9; id += 1) watch(feed, { job: { ...JOB, jobId: String(id) } });
  await pass(100);
  expect(looks.mostAtOnce).toBe(8);
  expect(feed.pauseOf(JOB.projectId)?.until).toBe(1_100);
  await pass(999);
  expect(looks.timesOf('9')).toEqual([]);
  await pass(1);
  expect(looks.timesOf('9')).toEqual([1_100]);
});

test.each([
  ['a long interval', 600_000, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]],
  ['a short interval', 3_000, [0, 1_000, 3_000, 6_000, 9_000]],
])(
  'after a failure the next look comes sooner than %s',
  async (_what, pollIntervalMs, expected) => {
    const looks = new ScriptedLooks(() => fails(500));
    watch(feedOf(looks), { pollIntervalMs });
    await pass(expected.at(-1)!);
    expect(looks.timesOf()).toEqual(expected);
  },
);

test('after a look that succeeded the interval is the old one again', async () => {
  const looks = new ScriptedLooks(inOrder(fails(500), fails(500), shows(8)));
  watch(feedOf(looks), { pollIntervalMs: 60_000 });
  await pass(130_000);
  expect(looks.timesOf()).toEqual([0, 1_000, 3_000, 63_000, 123_000]);
});

test('one job’s failures do not hurry the looks at another', async () => {
  const looks = new ScriptedLooks((jobId) => (jobId === '10' ? fails(500) : shows(8)));
  const feed = feedOf(looks);
  watch(feed);
  watch(feed, { job: { ...JOB, jobId: '11' } });
  await pass(10_000);
  expect(looks.timesOf('11')).toEqual([0, 5_000, 10_000]);
});
