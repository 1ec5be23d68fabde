import { StatusFeed } from '../../src/feed/status-feed.js';
import { closeAll, JOB, onClose, PROJECT, scripted, TOKEN } from './scripted-client.js';
import { reply, type Script } from './scripted-server.js';
import { stopClocks } from './stopped-clocks.js';

const OTHER_PROJECT = 'ffff0123456789abcdef0123456789ab';
const OTHER_JOB = { projectId: PROJECT, jobId: '198' };

const NOW = Date.parse('2026-01-01T00:00:00.000Z');

beforeEach(() => stopClocks(NOW));
afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const THROTTLED = { error_code: 'APIGW.0308', error_msg: 'The throttling threshold was reached' };
const FINE = { is_success: true, job_id: 197, status: 8, jobs: [], job_total_count: 0 };

/** The first call gets this answer, all others are fine. */
const first = (answer: Script): Script => {
  let calls = 0;
  return (...call) => ((calls += 1) === 1 ? answer : reply(200, FINE))(...call);
};

const throttled = (retryAfter: string, status = 429): Script =>
  reply(status, THROTTLED, { 'retry-after': retryAfter });

const heldBack = {
  error: {
    code: 'APIGW.0308',
    httpStatus: 429,
    message:
      'not sent: ModelArts asked for a pause, and the worker holds back until 2026-01-01T00:00:20.000Z',
  },
  retryAfterMs: 20_000,
};

describe('a Retry-After', () => {
  test('of a restart holds back everything else in its project, until it is over', async () => {
    const { server, client } = await scripted(first(throttled('20')));
    expect(await client.restart(JOB)).toMatchObject({ kind: 'not-sent', retryAfterMs: 20_000 });
    expect(await client.detail(OTHER_JOB)).toEqual({ kind: 'again', ...heldBack });
    expect(await client.list(PROJECT, { page: 1 })).toEqual({ kind: 'again', ...heldBack });
    expect(await client.restart(OTHER_JOB)).toEqual({ kind: 'not-sent', ...heldBack });
    expect(await client.stop(OTHER_JOB)).toEqual({ kind: 'not-sent', ...heldBack });
    jest.advanceTimersByTime(19_999);
    expect(await client.restart(JOB)).toMatchObject({ kind: 'not-sent', retryAfterMs: 1 });
    expect(server.seen).toHaveLength(1);

    jest.advanceTimersByTime(1);
    expect(await client.restart(JOB)).toEqual({ kind: 'accepted' });
    expect(await client.detail(JOB)).toMatchObject({ kind: 'read' });
    expect(server.seen).toHaveLength(3);
  });

  test('of the gateway, to a look, holds back restarts of every project: it throttles users', async () => {
    const { server, client } = await scripted(first(throttled('20')));
    await client.detail(JOB);
    expect(await client.restart(OTHER_JOB)).toEqual({ kind: 'not-sent', ...heldBack });
    const elsewhere = { projectId: OTHER_PROJECT, jobId: '197' };
    expect(await client.restart(elsewhere)).toEqual({ kind: 'not-sent', ...heldBack });
    expect(server.seen).toHaveLength(1);
  });

  test('of ModelArts itself holds back its project alone', async () => {
    const busy = reply(429, { error_code: 'ModelArts.2799' }, { 'retry-after': '20' });
    const { server, client } = await scripted(first(busy));
    await client.detail(JOB);
    expect(await client.restart(OTHER_JOB)).toMatchObject({ kind: 'not-sent' });
    const elsewhere = { projectId: OTHER_PROJECT, jobId: '197' };
    expect(await client.restart(elsewhere)).toEqual({ kind: 'accepted' });
    expect(server.seen).toHaveLength(2);
  });

  test('of a day is told in full to whom it was given, and holds others back for 5 minutes', async () => {
    const { client } = await scripted(first(throttled('86400')));
    expect(await client.restart(JOB)).toMatchObject({ retryAfterMs: 86_400_000 });
    expect(await client.restart(OTHER_JOB)).toMatchObject({ retryAfterMs: 300_000 });
    jest.advanceTimersByTime(300_000);
    expect(await client.restart(OTHER_JOB)).toEqual({ kind: 'accepted' });
  });

  test('is kept also where the wall clock is set back or forward meanwhile', async () => {
    const { client } = await scripted(first(throttled('20')));
    await client.restart(JOB);
    jest.setSystemTime(NOW + 3_600_000);
    expect(await client.restart(OTHER_JOB)).toMatchObject({ retryAfterMs: 20_000 });
    jest.setSystemTime(NOW - 3_600_000);
    jest.advanceTimersByTime(20_000);
    expect(await client.restart(OTHER_JOB)).toEqual({ kind: 'accepted' });
  });

  test('holds back calls that wait for a socket when it comes', async () => {
    const { server, client } = await scripted(throttled('20'), { credentials: TOKEN });
    const jobs = Array.from({ length: 20 }, (_, index) => ({ ...JOB, jobId: String(index + 1) }));
    const answers = await Promise.all(jobs.map((job) => client.restart(job)));
    expect(server.seen).toHaveLength(8);
    expect(answers.slice(8)).toEqual(Array(12).fill({ kind: 'not-sent', ...heldBack }));
  });
});

describe('what makes a project rest', () => {
  test.each<[string, Script, number]>([
    ['429 without a word', reply(429, ''), 1_000],
    ['503 with a Retry-After', reply(503, '', { 'retry-after': '20' }), 20_000],
    ['200 with APIGW.0308', reply(200, { ...THROTTLED, is_success: false }), 1_000],
    ['200 with APIG.0308', reply(200, { error_code: 'APIG.0308' }), 1_000],
    ['400 with APIGW.0308', reply(400, THROTTLED), 1_000],
    ['500 with APIGW.0308', reply(500, THROTTLED), 1_000],
    ['200 with ModelArts.2799', reply(200, { error_code: 'ModelArts.2799' }), 1_000],
  ])('%s', async (_what, answer, restMs) => {
    const { server, client } = await scripted(answer);
    await client.detail(JOB);
    expect(await client.restart(JOB)).toMatchObject({ kind: 'not-sent', retryAfterMs: restMs });
    expect(server.seen).toHaveLength(1);
  });

  test.each<[string, Script]>([
    ['500', reply(500, '')],
    ['a refusal with a Retry-After', reply(403, '', { 'retry-after': '20' })],
    ['a success with a Retry-After', reply(200, FINE, { 'retry-after': '20' })],
    ['a lost answer', (_seen, response) => response.destroy()],
  ])('not %s', async (_what, answer) => {
    const { server, client } = await scripted(answer);
    await client.restart(JOB);
    await client.restart(JOB);
    expect(server.seen).toHaveLength(2);
    expect(client.pauseOf(PROJECT)).toBeUndefined();
  });
});

test('a success that began before the rest does not end it', async () => {
  let slow: (() => void) | undefined;
  const { server, client } = await scripted((seen, ...rest) => {
    if (seen.method === 'POST') return throttled('20')(seen, ...rest);
    slow = () => reply(200, FINE)(seen, ...rest);
    return undefined;
  });
  const looking = client.detail(JOB);
  while (slow === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  await client.restart(JOB);
  slow();
  expect(await looking).toMatchObject({ kind: 'read' });
  expect(await client.restart(JOB)).toEqual({ kind: 'not-sent', ...heldBack });
  expect(server.seen).toHaveLength(2);
});

test('rests grow from try to try, and a success begins anew', async () => {
  let isBusy = true;
  const { client } = await scripted((...call) =>
    (isBusy ? reply(429, '') : reply(200, FINE))(...call),
  );
  const restMs = async (): Promise<number> => {
    await client.restart(JOB);
    const ms = client.pauseOf(PROJECT)!.until - performance.now();
    jest.advanceTimersByTime(ms);
    return ms;
  };
  expect([await restMs(), await restMs(), await restMs()]).toEqual([1_000, 2_000, 4_000]);
  isBusy = false;
  expect(await client.restart(JOB)).toEqual({ kind: 'accepted' });
  isBusy = true;
  expect(await restMs()).toBe(1_000);
});

test('the feed begins a second after those who were held back, and at once where nobody was', async () => {
  const { client } = await scripted(throttled('20'));
  await client.restart(JOB);
  expect(client.pauseOf(PROJECT)).toEqual({ until: 20_000, error: heldBack.error });
  await client.restart(OTHER_JOB);
  expect(client.pauseOf(PROJECT)).toEqual({ until: 21_000, error: heldBack.error });
  expect(client.pauseOf(OTHER_PROJECT)?.until).toBe(21_000);
  jest.advanceTimersByTime(21_000);
  expect(client.pauseOf(PROJECT)).toBeUndefined();
});

test('where the project is throttled again before the feed’s turn, the feed is among the first', async () => {
  const { server, client } = await scripted(throttled('20'));
  const feedBegins = (): number => client.pauseOf(PROJECT)!.until;
  await client.restart(JOB);
  await client.restart(OTHER_JOB);
  expect(feedBegins()).toBe(21_000);
  jest.advanceTimersByTime(20_500);
  await client.restart(OTHER_JOB);
  await client.restart(JOB);
  expect(feedBegins()).toBe(40_500);
  jest.advanceTimersByTime(21_000);
  await client.restart(OTHER_JOB);
  await client.restart(JOB);
  expect(feedBegins()).toBe(62_500);
  expect(server.seen).toHaveLength(3);
});

test('a restart that is throttled stops the looks of the feed', async () => {
  jest.useRealTimers();
  let looks = 0;
  const { client } = await scripted((seen, ...rest) => {
    if (seen.method === 'POST') return throttled('2')(seen, ...rest);
    looks += 1;
    return reply(200, FINE)(seen, ...rest);
  });
  const feed = new StatusFeed(client);
  onClose(() => Promise.resolve(feed.close()));
  feed.subscribe({
    job: OTHER_JOB,
    key: 'other',
    pollIntervalMs: 20,
    lookAtOnce: true,
    lookAt: [],
    onLook: () => undefined,
    onEnd: () => undefined,
  });
  while (looks < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  await client.restart(JOB);
  const before = looks;
  await new Promise((resolve) => setTimeout(resolve, 500));
  // One may have been under way.
  expect(looks).toBeLessThanOrEqual(before + 1);
  while (looks < before + 4) await new Promise((resolve) => setTimeout(resolve, 5));
});
