import { WaitEnded } from '../../src/feed/wait-for-change.js';
import { feedOf, pass, ScriptedLooks, shows, stopTheClock } from './scripted-looks.js';
import { beginWait, reads } from './waiting.js';

beforeEach(stopTheClock);
afterEach(() => {
  const left = jest.getTimerCount();
  jest.useRealTimers();
  expect(left).toBe(0);
});

const killed = (): ReturnType<typeof shows> => shows(12);

test('a closed feed ends the wait at once, for another worker to go on', async () => {
  const { feed, end } = beginWait(new ScriptedLooks(killed));
  await pass(1_000);
  feed.close();
  await pass(0);
  expect(end()).toEqual({ at: 1_000, error: new WaitEnded('closed') });
  expect(end()).toMatchObject({ error: { why: 'closed' } });
});

test('a wait on a feed that is closed already ends without a look', async () => {
  const looks = new ScriptedLooks(killed);
  const feed = feedOf(looks);
  feed.close();
  const { end } = beginWait(feed);
  await pass(0);
  expect(end()).toMatchObject({ at: 0, error: { why: 'closed' } });
  expect(looks.made).toEqual([]);
});

test('a newer wait of the same key ends the older one, and goes on itself', async () => {
  const looks = new ScriptedLooks((_job, at) => shows(at < 3_000 ? 12 : 7));
  const older = beginWait(looks);
  await pass(1_000);
  const newer = beginWait(older.feed, { pollIntervalMs: 2_000 });
  await pass(0);
  expect(older.end()).toMatchObject({ at: 1_000, error: { name: 'WaitEnded', why: 'replaced' } });
  await pass(4_000);
  expect(newer.end()).toEqual({ at: 3_000, result: reads(7, 3_000) });
});

test('waits of different keys do not disturb each other', async () => {
  const looks = new ScriptedLooks((_job, at) => shows(at < 5_000 ? 12 : 7));
  const one = beginWait(looks, { key: 'one' });
  const other = beginWait(one.feed, { key: 'other' });
  await pass(5_000);
  expect([one.end(), other.end()]).toEqual(Array(2).fill({ at: 5_000, result: reads(7, 5_000) }));
});

test('an abort ends the wait at once with its reason', async () => {
  const looks = new ScriptedLooks(killed);
  const abort = new AbortController();
  const { end } = beginWait(looks, { signal: abort.signal });
  await pass(1_000);
  abort.abort('canceled');
  await pass(0);
  expect(end()).toEqual({ at: 1_000, error: 'canceled' });
  await pass(60_000);
  expect(looks.timesOf()).toEqual([0]);
});

test('an abort in the middle of a look does not wait for its answer', async () => {
  const abort = new AbortController();
  const { end } = beginWait(new ScriptedLooks(killed, 5_000), { signal: abort.signal });
  await pass(1_000);
  abort.abort('canceled');
  await pass(0);
  expect(end()).toEqual({ at: 1_000, error: 'canceled' });
  await pass(10_000);
});

test('a signal that has aborted before ends the wait without a look', async () => {
  const looks = new ScriptedLooks(killed);
  const { end } = beginWait(looks, { signal: AbortSignal.abort('canceled') });
  await pass(60_000);
  expect(end()).toEqual({ at: 0, error: 'canceled' });
  expect(looks.made).toEqual([]);
});

test('a wait that has ended leaves no listener on its signal', async () => {
  const abort = new AbortController();
  const remove = jest.spyOn(abort.signal, 'removeEventListener');
  const add = jest.spyOn(abort.signal, 'addEventListener');
  const { end } = beginWait(new ScriptedLooks(() => shows(7)), { signal: abort.signal });
  await pass(0);
  expect(end()).toBeDefined();
  expect(add).toHaveBeenCalledTimes(1);
  expect(remove).toHaveBeenCalledWith('abort', add.mock.calls[0]?.[1]);
});
