import {
  fails,
  feedOf,
  JOB,
  pass,
  refuses,
  ScriptedLooks,
  shows,
  stepWallClock,
  stopTheClock,
  watch,
} from './scripted-looks.js';
import { beginWait, reads } from './waiting.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const NO_READING = { kind: 'no-reading', error: { message: 'HTTP 500', httpStatus: 500 } };

describe('a wait that is to tell of trouble', () => {
  test('ends with the first look that fails at the instant or later, not by one before', async () => {
    const looks = new ScriptedLooks(() => fails(500));
    const { end } = beginWait(looks, { troubleAt: 3_500 });
    await pass(6_999);
    expect(looks.timesOf()).toEqual([0, 1_000, 3_000]);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(end()).toEqual({ at: 7_000, result: NO_READING });
  });

  test('does not count a look that began before the instant and failed after it', async () => {
    const looks = new ScriptedLooks(() => fails(500), 2_000);
    const { end } = beginWait(looks, { troubleAt: 1_000 });
    await pass(2_000);
    expect(end()).toBeUndefined();
    await pass(2_000);
    expect(end()).toEqual({ at: 4_000, result: NO_READING });
  });

  test('makes no look of its own at the instant, and stays while looks succeed', async () => {
    const looks = new ScriptedLooks((_job, at) => (at < 15_000 ? shows(12) : fails(500)));
    const { end } = beginWait(looks, { troubleAt: 7_000 });
    await pass(14_999);
    expect(looks.timesOf()).toEqual([0, 5_000, 10_000]);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(end()).toEqual({ at: 15_000, result: NO_READING });
  });

  test('is not ended by a 404 that is waited through', async () => {
    const looks = new ScriptedLooks(() => refuses(404));
    const { end } = beginWait(looks, { troubleAt: 0, goneGraceMs: 12_000 });
    await pass(11_999);
    expect(end()).toBeUndefined();
    await pass(4_000);
    expect(end()).toMatchObject({ result: { kind: 'refused' } });
  });

  test('stays while its project is throttled, without a look', async () => {
    const looks = new ScriptedLooks((jobId, at) => {
      if (jobId === '11') return fails(429, 20_000);
      return at < 10_000 ? shows(12) : fails(500);
    });
    const feed = feedOf(looks);
    const { end } = beginWait(feed, { troubleAt: 8_000 });
    await pass(7_000);
    watch(feed, { job: { ...JOB, jobId: '11' }, pollIntervalMs: 60_000 });
    await pass(19_999);
    expect(looks.timesOf('11')).toEqual([7_000]);
    expect(looks.timesOf()).toEqual([0, 5_000]);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(end()).toEqual({ at: 27_000, result: NO_READING });
  });

  test('stays where no instant is given, and where the wall clock steps over it', async () => {
    const looks = new ScriptedLooks(() => fails(500));
    const feed = feedOf(looks);
    const never = beginWait(feed, { key: 'never' });
    const later = beginWait(feed, { key: 'later', troubleAt: 50_000 });
    stepWallClock(3_600_000);
    await pass(49_999);
    expect([never.end(), later.end()]).toEqual([undefined, undefined]);
    await pass(10_000);
    expect(later.end()).toMatchObject({ result: NO_READING });
    expect(never.end()).toBeUndefined();
  });
});

describe('a wait until a look works', () => {
  test('ends with the first reading, though the status is unchanged', async () => {
    const looks = new ScriptedLooks((_job, at) => (at < 5_000 ? fails(500) : shows(12)));
    const { end } = beginWait(looks, { untilRead: true });
    await pass(7_000);
    expect(looks.timesOf()).toEqual([0, 1_000, 3_000, 7_000]);
    expect(end()).toEqual({ at: 7_000, result: reads(12, 7_000) });
  });

  test('ends with a status that decides nothing', async () => {
    const looks = new ScriptedLooks(() => shows(1));
    const { end } = beginWait(looks, { untilRead: true, last: 2, decisive: [8, 10, 11, 12] });
    await pass(0);
    expect(end()).toEqual({ at: 0, result: reads(1, 0) });
  });

  test('asks for no look at once: the next one is due as after the failure before it', async () => {
    const looks = new ScriptedLooks((_job, at) => (at < 5_000 ? fails(500) : shows(12)));
    const failed = beginWait(looks, { troubleAt: 3_000 });
    await pass(3_000);
    expect(failed.end()).toEqual({ at: 3_000, result: NO_READING });
    const { end } = beginWait(failed.feed, { untilRead: true, lookAtOnce: false });
    await pass(3_999);
    expect(looks.timesOf()).toEqual([0, 1_000, 3_000]);
    await pass(1);
    expect(end()).toEqual({ at: 7_000, result: reads(12, 7_000) });
  });

  test('takes a second look at a status in doubt first', async () => {
    const looks = new ScriptedLooks((_job, at) => shows(at < 100 ? 12 : 7), 100);
    const doubt = { code: 12, until: 60_000 };
    const { end } = beginWait(looks, { untilRead: true, last: 7, doubt });
    await pass(200);
    expect(looks.timesOf()).toEqual([0, 100]);
    expect(end()).toEqual({ at: 200, result: reads(7, 100) });
  });

  test('makes no more looks than any other while they fail, and ends at the deadline', async () => {
    const looks = new ScriptedLooks(() => fails(500));
    const { end } = beginWait(looks, { untilRead: true, deadline: 6_000 });
    await pass(6_000);
    expect(looks.timesOf()).toEqual([0, 1_000, 3_000, 6_000]);
    expect(end()).toEqual({ at: 6_000, result: NO_READING });
  });
});
