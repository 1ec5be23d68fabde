import { feedOf, JOB, pass, ScriptedLooks, shows, stopTheClock, watch } from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const running = (): ReturnType<typeof shows> => shows(8);

test('the interval runs from start to start, however long a look takes', async () => {
  const looks = new ScriptedLooks(running, 300);
  const { served } = watch(feedOf(looks));
  await pass(15_299);
  expect(looks.timesOf()).toEqual([0, 5_000, 10_000, 15_000]);
  expect(served).toEqual([0, 5_000, 10_000]);
  await pass(1);
  expect(served).toEqual([0, 5_000, 10_000, 15_000]);
});

test('a job that fifty wait for is looked at once per interval, and all are told', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  const watches = Array.from({ length: 50 }, () => watch(feed));
  await pass(10_000);
  expect(looks.timesOf()).toEqual([0, 5_000, 10_000]);
  for (const { served } of watches) expect(served).toEqual([0, 5_000, 10_000]);
});

test('the most eager of two sets the pace, and the other one again when it has left', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  const slow = watch(feed, { pollIntervalMs: 5_000 });
  const eager = watch(feed, { pollIntervalMs: 2_000 });
  await pass(6_100);
  expect(looks.timesOf()).toEqual([0, 2_000, 4_000, 6_000]);
  eager.end();
  await pass(10_000);
  expect(looks.timesOf().slice(4)).toEqual([11_000, 16_000]);
  expect(slow.served).toEqual([0, 2_000, 4_000, 6_000, 11_000, 16_000]);
});

test('an eager one who comes later shortens the wait that is under way', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  watch(feed, { pollIntervalMs: 600_000 });
  await pass(500);
  watch(feed, { pollIntervalMs: 1_000 });
  await pass(2_600);
  expect(looks.timesOf()).toEqual([0, 1_000, 2_000, 3_000]);
});

test('a look that outlasts the interval is followed by the next at once, never overtaken', async () => {
  const looks = new ScriptedLooks(running, 3_000);
  watch(feedOf(looks), { pollIntervalMs: 2_000 });
  await pass(9_000);
  expect(looks.timesOf()).toEqual([0, 3_000, 6_000, 9_000]);
  expect(looks.mostAtOnce).toBe(1);
});

test('one who comes back soon waits for the interval since the last look', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  const first = watch(feed);
  await pass(1_000);
  first.end();
  watch(feed);
  await pass(5_000);
  expect(looks.timesOf()).toEqual([0, 5_000]);
});

test('one who asks for a look at once gets it, and the interval runs from there', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  watch(feed);
  await pass(1_000);
  watch(feed, { lookAtOnce: true });
  await pass(5_000);
  expect(looks.timesOf()).toEqual([0, 1_000, 6_000]);
});

test('lookNow looks at once, or right after the look that is under way', async () => {
  const looks = new ScriptedLooks(running, 400);
  const { lookNow } = watch(feedOf(looks));
  await pass(1_000);
  lookNow();
  await pass(100);
  lookNow();
  lookNow();
  await pass(5_000);
  expect(looks.timesOf()).toEqual([0, 1_000, 1_400]);
  await pass(300);
  expect(looks.timesOf()).toEqual([0, 1_000, 1_400, 6_400]);
});

test('jobs that fall due within 25 ms are looked at together, early rather than late', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  for (const [jobId, after] of [
    ['1', 20],
    ['2', 20],
    ['3', 0],
  ] as const) {
    watch(feed, { job: { ...JOB, jobId } });
    await pass(after);
  }
  await pass(5_000);
  expect(looks.timesOf('1')).toEqual([0, 5_000]);
  expect(looks.timesOf('2')).toEqual([20, 5_000]);
  expect(looks.timesOf('3')).toEqual([40, 5_040]);
});
