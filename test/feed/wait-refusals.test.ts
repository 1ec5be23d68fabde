import type { WaitMemory } from '../../src/feed/wait-for-change.js';
import {
  fails,
  pass,
  refuses,
  ScriptedLooks,
  shows,
  START,
  stopTheClock,
} from './scripted-looks.js';
import { beginWait, reads } from './waiting.js';

beforeEach(stopTheClock);
afterEach(() => {
  const left = jest.getTimerCount();
  jest.useRealTimers();
  expect(left).toBe(0);
});

const refused = (httpStatus: number): unknown => ({
  kind: 'refused',
  error: { message: `HTTP ${httpStatus}`, httpStatus },
});

test.each([400, 401, 403, 302])('a refusal with %i ends the wait at once', async (httpStatus) => {
  const { end } = beginWait(new ScriptedLooks(() => refuses(httpStatus)), { goneGraceMs: 60_000 });
  await pass(0);
  expect(end()).toEqual({ at: 0, result: refused(httpStatus) });
});

test('a 404 without grace ends the wait at once', async () => {
  const { end } = beginWait(new ScriptedLooks(() => refuses(404)));
  await pass(0);
  expect(end()).toEqual({ at: 0, result: refused(404) });
});

test('a 404 is waited through for the grace from the first one on, then refused', async () => {
  const looks = new ScriptedLooks((_job, at) => (at < 5_000 ? shows(12) : refuses(404)));
  const memory: WaitMemory = {};
  const { end } = beginWait(looks, { goneGraceMs: 12_000, memory });
  await pass(16_999);
  expect(end()).toBeUndefined();
  expect(memory).toEqual({ goneSinceMs: START + 5_000, lastError: 'HTTP 404' });
  await pass(1);
  // Sooner than the interval, as after any look that gave no reading.
  expect(looks.timesOf()).toEqual([0, 5_000, 6_000, 8_000, 12_000, 17_000]);
  expect(end()).toEqual({ at: 17_000, result: refused(404) });
});

test('a job that comes back begins with a new grace', async () => {
  const looks = new ScriptedLooks((_job, at) => (at === 7_000 ? shows(12) : refuses(404)));
  const memory: WaitMemory = {};
  const { end } = beginWait(looks, { goneGraceMs: 12_000, memory });
  await pass(7_000);
  expect(memory).toEqual({});
  await pass(16_999);
  expect(end()).toBeUndefined();
  await pass(1);
  expect(end()).toEqual({ at: 24_000, result: refused(404) });
});

test('failures in between do not lengthen the grace', async () => {
  const looks = new ScriptedLooks((_job, at) =>
    at === 0 || at >= 12_000 ? refuses(404) : fails(500),
  );
  const { end } = beginWait(looks, { goneGraceMs: 12_000 });
  await pass(12_000);
  expect(looks.timesOf()).toEqual([0, 1_000, 3_000, 7_000, 12_000]);
  expect(end()).toEqual({ at: 12_000, result: refused(404) });
});

test('the grace goes on from where an earlier attempt saw it begin', async () => {
  const memory: WaitMemory = { goneSinceMs: START - 10_000 };
  const { end } = beginWait(new ScriptedLooks(() => refuses(404)), { goneGraceMs: 12_000, memory });
  await pass(3_000);
  expect(end()).toEqual({ at: 3_000, result: refused(404) });
});

test('a 404 within its grace at the deadline is no reading', async () => {
  const { end } = beginWait(new ScriptedLooks(() => refuses(404)), {
    goneGraceMs: 60_000,
    deadline: 7_000,
  });
  await pass(7_000);
  const error = { message: 'HTTP 404', httpStatus: 404 };
  expect(end()).toEqual({ at: 7_000, result: { kind: 'no-reading', error } });
});

describe('a status in doubt', () => {
  const doubt = { code: 12, until: 60_000 };

  test('is believed when a second look, made at once, shows it too', async () => {
    const looks = new ScriptedLooks(() => shows(12), 100);
    const { end } = beginWait(looks, { last: 7, doubt });
    await pass(200);
    expect(looks.timesOf()).toEqual([0, 100]);
    expect(end()).toEqual({ at: 200, result: reads(12, 100) });
  });

  test('is not believed when the second look shows the known one: the wait goes on', async () => {
    const looks = new ScriptedLooks((_job, at) => shows(at === 100 || at > 5_000 ? 7 : 12), 100);
    const { feed, end } = beginWait(looks, { last: 7, doubt });
    await pass(5_199);
    expect(end()).toBeUndefined();
    expect(looks.timesOf()).toEqual([0, 100, 5_100]);
    await pass(10_000);
    expect(end()).toBeUndefined();
    feed.close();
    await pass(100);
  });

  test('has to be shown twice in a row, each time anew', async () => {
    const codes = [12, 7, 12, 7, 12, 12];
    const looks = new ScriptedLooks(() => shows(codes[looks.made.length - 1] ?? 8));
    const { end } = beginWait(looks, { last: 7, doubt });
    await pass(60_000);
    expect(looks.made).toHaveLength(6);
    expect(end()).toMatchObject({ result: reads(12, looks.timesOf()[5]!) });
  });

  test('gives way to what the second look shows', async () => {
    const looks = new ScriptedLooks((_job, at) => shows(at === 0 ? 12 : 8), 100);
    const { end } = beginWait(looks, { last: 7, doubt });
    await pass(200);
    expect(end()).toEqual({ at: 200, result: reads(8, 100) });
  });

  test('is believed after a second look that failed and a third that shows it', async () => {
    const looks = new ScriptedLooks((_job, at) => (at === 100 ? fails(500) : shows(12)), 100);
    const { end } = beginWait(looks, { last: 7, doubt });
    await pass(5_000);
    expect(looks.timesOf()).toEqual([0, 100, 1_100]);
    expect(end()).toEqual({ at: 1_200, result: reads(12, 1_100) });
  });

  test('needs no second look once the doubt is over', async () => {
    const looks = new ScriptedLooks((_job, at) => shows(at < 60_000 ? 7 : 12));
    const { end } = beginWait(looks, { last: 7, doubt });
    await pass(60_000);
    expect(looks.timesOf().slice(-2)).toEqual([55_000, 60_000]);
    expect(end()).toEqual({ at: 60_000, result: reads(12, 60_000) });
  });

  test('is not believed where the deadline leaves no time for a second look', async () => {
    const looks = new ScriptedLooks((_job, at) => shows(at < 7_000 ? 7 : 12));
    const { end } = beginWait(looks, { last: 7, doubt, deadline: 7_000 });
    await pass(7_000);
    expect(end()).toMatchObject({ at: 7_000, result: { kind: 'no-reading' } });
  });

  test('another status is believed at once', async () => {
    const looks = new ScriptedLooks(() => shows(11));
    const { end } = beginWait(looks, { last: 7, doubt });
    await pass(0);
    expect(end()).toEqual({ at: 0, result: reads(11, 0) });
  });
});
