import { statusOf } from '../../src/domain/status.js';
import type { ReadAnswer, Reading } from '../../src/domain/answer.js';
import { lookOnce } from '../../src/feed/look-once.js';
import { type LookedOnce, waitForChange, type WaitMemory } from '../../src/feed/wait-for-change.js';
import { ids, ListedLooks, watchAll } from './listed-looks.js';
import {
  fails,
  feedOf,
  JOB,
  now,
  pass,
  ScriptedLooks,
  shows,
  stopTheClock,
  watch,
} from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

test('a stopping worker hands a look over that the look in flight is too old for', async () => {
  const looks = new ScriptedLooks((_job, at) => (at === 0 ? fails(429, 300_000) : shows(7)), 1_000);
  const feed = feedOf(looks);
  watch(feed, { lookAtOnce: true });
  await pass(500);
  const stop = new AbortController();
  const ended: string[] = [];
  void lookOnce(feed, JOB, {
    key: 'look',
    exchangeMs: 20_000,
    answerByMs: Date.now() + 15_000,
    deadlineMs: Date.now() + 1_800_000,
    signal: stop.signal,
  }).then(
    () => ended.push('answered'),
    () => ended.push('handed over'),
  );
  stop.abort(new Error('stopping'));
  feed.close();
  await pass(1_000);
  expect(ended).toEqual(['handed over']);
});

test('a look in flight that will be served is still waited for when the worker stops', async () => {
  const feed = feedOf(new ScriptedLooks(() => shows(7), 1_000));
  const stop = new AbortController();
  const looking = lookOnce(feed, JOB, {
    key: 'look',
    exchangeMs: 20_000,
    answerByMs: Date.now() + 15_000,
    deadlineMs: Date.now() + 1_800_000,
    signal: stop.signal,
  });
  await pass(500);
  stop.abort(new Error('stopping'));
  feed.close();
  await pass(500);
  expect(await looking).toMatchObject({ kind: 'read' });
});

test('a job that its own look shows down does not pass for one that a page showed up', async () => {
  const looks = new ListedLooks({ status: (_job, at) => (at < 1_000 ? 8 : 12) });
  const feed = feedOf(looks);
  const since = Date.now();
  const [first] = watchAll(feed, ids(50));
  await pass(900);
  expect(feed.seenUp({ ...JOB, jobId: '1' }, since)).toMatchObject({ status: statusOf(8) });
  await pass(100);
  first!.lookNow();
  await pass(100);
  expect(looks.made).toHaveLength(1);
  expect(feed.seenUp({ ...JOB, jobId: '1' }, since)).toBeUndefined();
});

test('a page that comes late does not make a job pass for up that a later look showed down', async () => {
  const looks = new ListedLooks({ status: (_job, at) => (at < 100 ? 8 : 12), tookMs: 2_000 });
  const feed = feedOf(looks);
  const since = Date.now();
  const [first] = watchAll(feed, ids(50));
  await pass(500);
  first!.lookNow();
  await pass(2_000);
  expect(feed.seenUp({ ...JOB, jobId: '2' }, since)).toMatchObject({ status: statusOf(8) });
  expect(feed.seenUp({ ...JOB, jobId: '1' }, since)).toBeUndefined();
});

/** Waits with one look per attempt until it has ended. Returns when, in milliseconds since START. */
async function waitInAttempts(
  answer: (at: number) => ReadAnswer<Reading>,
  pollIntervalMs: number,
): Promise<number> {
  const feed = feedOf(new ScriptedLooks((_job, at) => answer(at)));
  const deadlineMs = Date.now() + 3_600_000;
  let memory: WaitMemory = {};
  for (let again = true; again;) {
    memory = { ...memory };
    const wait = { job: JOB, last: 7, pollIntervalMs, lookAtOnce: false, deadlineMs };
    const waiting = waitForChange(
      feed,
      { ...wait, goneGraceMs: 0 },
      { key: 'wait', exchangeMs: 1_000, signal: new AbortController().signal, memory, once: true },
    ).then(
      () => undefined,
      (error: unknown) => (error as LookedOnce).againInMs,
    );
    await pass(0);
    const inMs = await waiting;
    again = inMs !== undefined;
    await pass(inMs ?? 0);
  }
  return now();
}

test('beyond the slots too, one failed look does not cost a long interval', async () => {
  const endedAt = await waitInAttempts((at) => {
    if (at === 600_000) return fails(502);
    return shows(at < 600_000 ? 7 : 8);
  }, 600_000);
  expect(endedAt).toBeLessThan(610_000);
});

test('a list that gives the same page again and again is not read for ever', async () => {
  const looks = new ListedLooks({ pages: () => ids(50), total: 1_000_000, tookMs: 100 });
  const feed = feedOf(looks);
  const [hidden] = watchAll(feed, ['5000', ...ids(50)]);
  await pass(12_000);
  expect(looks.asked.length).toBeLessThan(10);
  expect(hidden!.served.length).toBeGreaterThanOrEqual(2);
});

test('a project of which nobody has asked anything for 10 minutes is forgotten', async () => {
  const feed = feedOf(new ListedLooks({ status: () => 8 }));
  const watches = watchAll(feed, ids(50));
  await pass(900);
  for (const { end } of watches) end();
  const seen = () => feed.seenUp({ ...JOB, jobId: '1' }, 0);
  const useOther = (nth: number) => feed.seenUp({ projectId: `other-${nth}`, jobId: '1' }, 0);
  await pass(9 * 60_000);
  useOther(1);
  expect(seen()).toMatchObject({ status: statusOf(8) });
  await pass(11 * 60_000);
  useOther(2);
  expect(seen()).toBeUndefined();
});
