import type { WaitMemory } from '../../src/feed/wait-for-change.js';
import {
  feedOf,
  fails,
  JOB,
  pass,
  refuses,
  ScriptedLooks,
  shows,
  START,
  stepWallClock,
  stopTheClock,
  watch,
} from './scripted-looks.js';
import { beginWait, reads } from './waiting.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const HOUR = 3_600_000;
const BACK_AND_FORWARD = [-HOUR, HOUR];

const killed = (): ReturnType<typeof shows> => shows(12);

test.each(BACK_AND_FORWARD)('the interval goes on through a step of %i ms', async (step) => {
  const looks = new ScriptedLooks(killed);
  watch(feedOf(looks));
  await pass(7_000);
  stepWallClock(step);
  await pass(8_000);
  expect(looks.timesOf()).toEqual([0, 5_000, 10_000, 15_000]);
});

test.each(BACK_AND_FORWARD)(
  'a step of %i ms moves no instant that a wait ends on',
  async (step) => {
    const looks = new ScriptedLooks(killed);
    const feed = feedOf(looks);
    const settles = beginWait(feed, { key: 'settles', unchangedAt: 12_000 });
    const ends = beginWait(feed, { key: 'ends', deadline: 14_000 });
    await pass(500);
    stepWallClock(step);
    await pass(13_500);
    expect(looks.timesOf()).toEqual([0, 5_000, 10_000, 12_000, 14_000]);
    expect(settles.end()).toEqual({ at: 12_000, result: reads(12, 12_000 + step) });
    expect(ends.end()).toEqual({ at: 14_000, result: reads(12, 14_000 + step) });
  },
);

test.each(BACK_AND_FORWARD)('a doubt lasts as long through a step of %i ms', async (step) => {
  const looks = new ScriptedLooks((_job, at) => shows(at < 5_000 ? 7 : 12));
  const { end } = beginWait(looks, { last: 7, doubt: { code: 12, until: 8_000 } });
  await pass(4_000);
  stepWallClock(step);
  await pass(1_000);
  expect(looks.timesOf()).toEqual([0, 5_000, 5_000]);
  expect(end()).toEqual({ at: 5_000, result: reads(12, 5_000 + step) });
});

test.each(BACK_AND_FORWARD)('a throttled project rests as long through %i ms', async (step) => {
  const looks = new ScriptedLooks((_job, at) => (at === 0 ? fails(429, 20_000) : killed()));
  watch(feedOf(looks));
  await pass(10_000);
  stepWallClock(step);
  await pass(10_000);
  expect(looks.timesOf()).toEqual([0, 20_000]);
});

test.each(BACK_AND_FORWARD)(
  'a 404 is waited through as long, with %i ms in between',
  async (step) => {
    const looks = new ScriptedLooks(() => refuses(404));
    const memory: WaitMemory = {};
    const { end } = beginWait(looks, { goneGraceMs: 12_000, memory });
    await pass(5_000);
    stepWallClock(step);
    await pass(6_999);
    expect(end()).toBeUndefined();
    // For another worker, whose clock did not step.
    expect(memory.goneSinceMs).toBe(START);
    await pass(1);
    expect(end()).toMatchObject({ at: 12_000, result: { kind: 'refused' } });
  },
);

test.each(BACK_AND_FORWARD)(
  'a list that is refused is asked again in 10 minutes, %i ms or not',
  async (step) => {
    const looks = new ScriptedLooks(killed);
    const asked: number[] = [];
    looks.list = () => {
      asked.push(performance.now());
      return Promise.resolve(refuses(403));
    };
    const feed = feedOf(looks);
    for (let id = 1; id <= 20; id += 1) watch(feed, { job: { ...JOB, jobId: String(id) } });
    await pass(100_000);
    stepWallClock(step);
    await pass(500_000);
    expect(asked).toEqual([0, 600_000]);
  },
);
