import { feedOf, pass, ScriptedLooks, shows, stopTheClock, watch } from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const running = (): ReturnType<typeof shows> => shows(8);

const HOUR = 3_600_000;

test.each([
  ['between two looks of a long interval', 600_000, [7_001, 20_000], [0, 7_001, 20_000]],
  ['before the interval is over', 5_000, [4_999], [0, 4_999]],
  ['just after a look that the interval asks for', 5_000, [5_020], [0, 5_000, 5_020]],
  ['at the same time as the interval', 5_000, [5_000], [0, 5_000, 10_000]],
  ['that has passed already', 5_000, [-1], [0, 5_000]],
])('an instant %s is looked at, not sooner', async (_when, pollIntervalMs, lookAt, expected) => {
  const looks = new ScriptedLooks(running);
  watch(feedOf(looks), { pollIntervalMs, lookAt });
  await pass(expected.at(-1)!);
  expect(looks.timesOf()).toEqual(expected);
});

test('an instant hours away is met to the millisecond', async () => {
  const looks = new ScriptedLooks(running);
  watch(feedOf(looks), { pollIntervalMs: 500 * HOUR, lookAt: [168 * HOUR + 1] });
  await pass(168 * HOUR);
  expect(looks.timesOf()).toEqual([0]);
  await pass(1);
  expect(looks.timesOf()).toEqual([0, 168 * HOUR + 1]);
});

test('a look that was under way at the instant does not count for it', async () => {
  const looks = new ScriptedLooks(running, 3_000);
  const { served } = watch(feedOf(looks), { lookAt: [2_000] });
  await pass(6_000);
  expect(looks.timesOf()).toEqual([0, 3_000]);
  expect(served).toEqual([0, 3_000]);
});

test('the instants of all who wait for a job are met', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  const [one, other] = [watch(feed, { lookAt: [1_000] }), watch(feed, { lookAt: [1_500, 2_000] })];
  await pass(4_000);
  expect(looks.timesOf()).toEqual([0, 1_000, 1_500, 2_000]);
  expect(one.served).toEqual(other.served);
});
