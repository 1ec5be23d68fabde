import { feedOf, JOB, pass, ScriptedLooks, shows, stopTheClock, watch } from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const running = (): ReturnType<typeof shows> => shows(8);

test('nobody is served a reading that started before they subscribed', async () => {
  const looks = new ScriptedLooks(running, 1_000);
  const feed = feedOf(looks);
  const first = watch(feed);
  await pass(500);
  const second = watch(feed, { lookAtOnce: true });
  const patient = watch(feed);
  await pass(500);
  expect([first.served, second.served, patient.served]).toEqual([[0], [], []]);
  await pass(1_000);
  expect([first.served, second.served, patient.served]).toEqual([[0, 1_000], [1_000], [1_000]]);
});

test('one who leaves during a look hears nothing of it', async () => {
  const looks = new ScriptedLooks(running, 1_000);
  const feed = feedOf(looks);
  const stays = watch(feed);
  const leaves = watch(feed);
  await pass(999);
  leaves.end();
  await pass(10_000);
  expect(stays.served).toEqual([0, 5_000]);
  expect(leaves.served).toEqual([]);
  expect(leaves.ended).toEqual([]);
});

test('a new subscription of the same key ends the old one, which hears nothing any more', async () => {
  const looks = new ScriptedLooks(running, 1_000);
  const feed = feedOf(looks);
  const old = watch(feed, { key: 'run 1' });
  const other = watch(feed, { key: 'run 2' });
  await pass(500);
  const fresh = watch(feed, { key: 'run 1', lookAtOnce: true });
  expect(old.ended).toEqual(['replaced']);
  await pass(1_500);
  expect([old.served, fresh.served, other.served]).toEqual([[], [1_000], [0, 1_000]]);
  expect([fresh.ended, other.ended]).toEqual([[], []]);
});

test('ending a replaced subscription does not end the one that took its place', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  const old = watch(feed, { key: 'run 1' });
  const fresh = watch(feed, { key: 'run 1' });
  old.end();
  await pass(5_000);
  expect(fresh.served).toEqual([0, 5_000]);
  feed.close();
  expect([old.ended, fresh.ended]).toEqual([['replaced'], ['closed']]);
});

test('a key moves from job to job: the old job is not looked at any more', async () => {
  const looks = new ScriptedLooks(running);
  const feed = feedOf(looks);
  const other = { projectId: 'ffff0123456789cdef0123456789abcd', jobId: '11' };
  watch(feed, { key: 'run 1' });
  await pass(0);
  watch(feed, { key: 'run 1', job: other });
  await pass(5_000);
  expect(looks.timesOf(JOB.jobId)).toEqual([0]);
  expect(looks.timesOf('11')).toEqual([0, 5_000]);
});

describe('close', () => {
  test('ends everyone once, at once, and no look follows', async () => {
    const looks = new ScriptedLooks(running);
    const feed = feedOf(looks);
    const watches = ['1', '2', '3'].map((jobId) => watch(feed, { job: { ...JOB, jobId } }));
    await pass(4_999);
    feed.close();
    feed.close();
    for (const { ended } of watches) expect(ended).toEqual(['closed']);
    expect(jest.getTimerCount()).toBe(0);
    await pass(60_000);
    expect(looks.made).toHaveLength(3);
  });

  test('a look under way is not told to those it ended', async () => {
    const looks = new ScriptedLooks(running, 1_000);
    const feed = feedOf(looks);
    const { served } = watch(feed);
    await pass(500);
    feed.close();
    await pass(10_000);
    expect(served).toEqual([]);
    expect(looks.made).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('who subscribes later is ended too, but not before they hold the subscription', async () => {
    const looks = new ScriptedLooks(running);
    const feed = feedOf(looks);
    feed.close();
    const late = watch(feed, { lookAtOnce: true });
    expect(late.ended).toEqual([]);
    late.lookNow();
    await pass(60_000);
    expect(late.ended).toEqual(['closed']);
    expect(looks.made).toEqual([]);
  });
});

test('no timer is left when the last one has gone', async () => {
  const feed = feedOf(new ScriptedLooks(running));
  const [one, other] = [watch(feed), watch(feed, { job: { ...JOB, jobId: '11' } })];
  await pass(1);
  one.end();
  one.end();
  expect(jest.getTimerCount()).toBe(1);
  other.end();
  expect(jest.getTimerCount()).toBe(0);
});
