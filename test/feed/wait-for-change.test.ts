import { fails, JOB, pass, ScriptedLooks, shows, stopTheClock, watch } from './scripted-looks.js';
import { beginWait, EXCHANGE_MS, reads } from './waiting.js';

beforeEach(stopTheClock);
afterEach(() => {
  const left = jest.getTimerCount();
  jest.useRealTimers();
  expect(left).toBe(0);
});

const killed = (): ReturnType<typeof shows> => shows(12);

test('ends on the first look that shows another status, and stays through failures', async () => {
  const looks = new ScriptedLooks((_job, at) => {
    if (at >= 12_000) return shows(7);
    return at === 5_000 ? fails(500) : shows(12);
  });
  const { end } = beginWait(looks);
  await pass(15_999);
  expect(looks.timesOf()).toEqual([0, 5_000, 6_000, 11_000]);
  expect(end()).toBeUndefined();
  await pass(1);
  expect(end()).toEqual({ at: 16_000, result: reads(7, 16_000) });
});

test.each([0, 99, 9])('status %i is a change like any other', async (code) => {
  const { end } = beginWait(new ScriptedLooks(() => shows(code)));
  await pass(0);
  expect(end()).toEqual({ at: 0, result: reads(code, 0) });
});

/** What decides for a restart that waits until the job runs. */
const DECISIVE = [8, 10, 11, 12];

describe('an unchanged status', () => {
  test('ends the wait by a look at the very instant, not by one before', async () => {
    const looks = new ScriptedLooks(killed);
    const { end } = beginWait(looks, { unchangedAt: 12_345 });
    await pass(12_344);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(looks.timesOf()).toEqual([0, 5_000, 10_000, 12_345]);
    expect(end()).toEqual({ at: 12_345, result: reads(12, 12_345) });
  });

  test('ends it by the first look that succeeds after the instant', async () => {
    const looks = new ScriptedLooks((_job, at) =>
      at >= 4_000 && at < 6_000 ? fails(500) : killed(),
    );
    const { end } = beginWait(looks, { unchangedAt: 4_000, pollIntervalMs: 60_000 });
    await pass(20_000);
    expect(looks.timesOf()).toEqual([0, 4_000, 5_000, 7_000]);
    expect(end()).toEqual({ at: 7_000, result: reads(12, 7_000) });
  });

  test('of a look that started before the instant does not end it', async () => {
    const looks = new ScriptedLooks(killed, 1_000);
    const { end } = beginWait(looks, { unchangedAt: 500 });
    await pass(1_999);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(end()).toEqual({ at: 2_000, result: reads(12, 1_000) });
  });
});

describe('at the deadline', () => {
  test('the last look is made, and an unchanged status ends the wait', async () => {
    const looks = new ScriptedLooks(killed);
    const { end } = beginWait(looks, { deadline: 7_777 });
    await pass(7_776);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(looks.timesOf()).toEqual([0, 5_000, 7_777]);
    expect(end()).toEqual({ at: 7_777, result: reads(12, 7_777) });
  });

  test('a failed look ends it without a reading', async () => {
    const { end } = beginWait(new ScriptedLooks(() => fails(502)), { deadline: 3_000 });
    await pass(3_000);
    const error = { message: 'HTTP 502', httpStatus: 502 };
    expect(end()).toEqual({ at: 3_000, result: { kind: 'no-reading', error } });
  });

  test('the answer of the last look is waited for', async () => {
    const looks = new ScriptedLooks((_job, at) => shows(at < 3_000 ? 12 : 8), 1_900);
    const { end } = beginWait(looks, { deadline: 3_000 });
    await pass(4_899);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(end()).toEqual({ at: 4_900, result: reads(8, 3_000) });
  });

  test('a last look that nobody answers is given up an exchange and a second later', async () => {
    const looks = new ScriptedLooks(killed, 60_000);
    const { end } = beginWait(looks, { deadline: 3_000 });
    await pass(3_000 + EXCHANGE_MS + 999);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(end()).toEqual({
      at: 3_000 + EXCHANGE_MS + 1_000,
      result: { kind: 'no-reading', error: { message: 'no look was answered in time' } },
    });
    await pass(60_000);
  });

  test('a project that must rest makes no last look', async () => {
    const looks = new ScriptedLooks(() => fails(429, 60_000));
    const { end } = beginWait(looks, { deadline: 20_000 });
    await pass(19_999);
    expect(end()).toBeUndefined();
    await pass(1);
    const error = { message: 'HTTP 429', httpStatus: 429 };
    expect(end()).toEqual({ at: 20_000, result: { kind: 'no-reading', error } });
    expect(looks.timesOf()).toEqual([0]);
  });

  test('the pause is the reason where no look of the wait itself has failed last', async () => {
    const looks = new ScriptedLooks((jobId, at) => {
      if (jobId === '11') return fails(429, 60_000);
      return at === 0 ? fails(500) : killed();
    });
    const { feed, end } = beginWait(looks, { deadline: 20_000 });
    await pass(3_000);
    watch(feed, { job: { ...JOB, jobId: '11' } });
    await pass(17_000);
    expect(looks.timesOf('11')).toEqual([3_000]);
    const error = { message: expect.stringContaining('holds back until'), httpStatus: 429 };
    expect(end()).toEqual({ at: 20_000, result: { kind: 'no-reading', error } });
    feed.close();
  });

  test('a rest that ends before it is followed by looks again', async () => {
    const looks = new ScriptedLooks((_job, at) => (at === 0 ? fails(429, 10_000) : killed()));
    const { end } = beginWait(looks, { deadline: 12_000 });
    await pass(12_000);
    expect(looks.timesOf()).toEqual([0, 10_000, 12_000]);
    expect(end()).toEqual({ at: 12_000, result: reads(12, 12_000) });
  });

  test('a wait that begins after it looks once', async () => {
    const looks = new ScriptedLooks(killed);
    const { end } = beginWait(looks, { deadline: -1, lookAtOnce: false });
    await pass(0);
    expect(end()).toEqual({ at: 0, result: reads(12, 0) });
  });
});

describe('a wait for what decides', () => {
  test('stays through changes that decide nothing, and ends on one that does', async () => {
    const flaps = new ScriptedLooks((_job, at) => shows(at < 20_000 ? [1, 7, 99][at % 3]! : 8));
    const { end } = beginWait(flaps, { last: 2, decisive: DECISIVE, pollIntervalMs: 1_000 });
    await pass(19_999);
    expect(flaps.timesOf()).toHaveLength(20);
    expect(end()).toBeUndefined();
    await pass(1);
    expect(end()).toEqual({ at: 20_000, result: reads(8, 20_000) });
  });

  test.each([
    [8, undefined],
    [10, 0],
  ])('until finished: status %i', async (code, endsAt) => {
    const looks = new ScriptedLooks(() => shows(code));
    const { feed, end } = beginWait(looks, { last: 7, decisive: [10, 12, 11] });
    await pass(5_000);
    expect(end()?.at).toBe(endsAt);
    feed.close();
    await pass(0);
  });

  test('ends with what the last look shows', async () => {
    const looks = new ScriptedLooks((_job, at) => shows(at < 8_000 ? 1 : 7));
    const { end } = beginWait(looks, { last: 2, decisive: DECISIVE, deadline: 8_000 });
    await pass(8_000);
    expect(end()).toEqual({ at: 8_000, result: reads(7, 8_000) });
  });
});
