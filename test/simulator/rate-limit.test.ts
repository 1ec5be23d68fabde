import { startSimulator, type RateLimit, type Simulator } from '../../simulator/index.js';
import { stopClocks } from '../modelarts/stopped-clocks.js';
import { call } from './support/client.js';

beforeEach(() => stopClocks());
afterEach(() => jest.useRealTimers());

const pass = (ms: number): unknown => jest.advanceTimersByTime(ms);

const WINDOW_MS = 1_000;
const LIMIT: RateLimit = { policy: 'user', calls: 2, windowMs: WINDOW_MS };

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

async function simulatorWith(...limits: Partial<RateLimit>[]): Promise<Simulator> {
  const rateLimits = limits.map((limit) => ({ ...LIMIT, ...limit }));
  const simulator = await startSimulator({ rateLimits });
  open.push(simulator);
  simulator.addJob({ jobId: '10', status: 12 });
  return simulator;
}

/** The status of each call, made one after the other. */
async function statuses(simulator: Simulator, times: number, key = 'A'): Promise<unknown[]> {
  const seen: unknown[] = [];
  const headers = { authorization: `SDK-HMAC-SHA256 Access=${key}, SignedHeaders=host` };
  for (let i = 0; i < times; i += 1) seen.push((await call(simulator, '/10', { headers })).status);
  return seen;
}

test('a call over the limit gets the gateway’s 429, and is not carried out', async () => {
  const simulator = await simulatorWith({ calls: 1 });
  const handle = simulator.fault({ operation: 'restart', kind: 'answer-lost' });
  await call(simulator, '/10');
  const refused = await call(simulator, '/10/restart');
  expect(refused.status).toBe(429);
  expect(JSON.parse(refused.text)).toEqual({
    error_code: 'APIGW.0308',
    error_msg:
      'The throttling threshold has been reached: policy user over ratelimit,limit:1,time:1 second',
    request_id: refused.headers.get('x-request-id'),
  });
  expect(refused.headers.get('retry-after')).toBeNull();
  expect(simulator.acceptedRestarts('10')).toBe(0);
  expect(handle.fired).toBe(0);
  expect(simulator.requests()).toMatchObject([
    { operation: 'detail', outcome: 200 },
    { operation: 'restart', outcome: 429, throttled: true, carriedOut: false },
  ]);
  expect(simulator.requests()[0]).not.toHaveProperty('throttled');
});

test('the window slides: each call is free again one window after it', async () => {
  const simulator = await simulatorWith({});
  await statuses(simulator, 1);
  pass(WINDOW_MS * 0.6);
  await statuses(simulator, 1);
  pass(WINDOW_MS * 0.5);
  // The first call has left the window, the second has not.
  expect(await statuses(simulator, 2)).toEqual([200, 429]);
});

test('refused calls count: who goes on calling is never let through', async () => {
  const simulator = await simulatorWith({ calls: 3 });
  expect(await statuses(simulator, 3)).toEqual([200, 200, 200]);
  const until = Date.now() + 2 * WINDOW_MS;
  while (Date.now() < until) {
    expect(await statuses(simulator, 1)).toEqual([429]);
    pass(WINDOW_MS / 10);
  }
  pass(WINDOW_MS);
  expect(await statuses(simulator, 1)).toEqual([200]);
});

test('a fixed window begins with its first call, and lets all through again when it ends', async () => {
  const simulator = await simulatorWith({ window: 'fixed', retryAfter: true });
  pass(WINDOW_MS / 2);
  await statuses(simulator, 1);
  pass(WINDOW_MS * 0.6);
  expect(await statuses(simulator, 3)).toEqual([200, 429, 429]);
  pass(WINDOW_MS * 0.5);
  expect(await statuses(simulator, 3)).toEqual([200, 200, 429]);
});

test('each access key has a count of its own, and so has each token', async () => {
  const simulator = await simulatorWith({ calls: 1 });
  const withToken = (token: string) =>
    call(simulator, '/10', { headers: { 'x-auth-token': token } });
  expect(await statuses(simulator, 2, 'A')).toEqual([200, 429]);
  expect(await statuses(simulator, 2, 'B')).toEqual([200, 429]);
  expect((await withToken('t1')).status).toBe(200);
  expect((await withToken('t2')).status).toBe(200);
  expect((await withToken('t1')).status).toBe(429);
});

test('all keys of one address count together for a limit by address', async () => {
  const simulator = await simulatorWith({ policy: 'ip', calls: 2 });
  const seen = [];
  for (const key of ['A', 'B', 'C']) seen.push(...(await statuses(simulator, 1, key)));
  expect(seen).toEqual([200, 200, 429]);
  expect((await call(simulator, '/10')).text).toContain('policy ip over ratelimit,limit:2');
});

test('the first of several limits that is exceeded is named', async () => {
  const minute = { calls: 3, windowMs: 60_000 };
  const simulator = await simulatorWith({ calls: 2 }, minute);
  await statuses(simulator, 2);
  expect((await call(simulator, '/10', { headers: { 'x-auth-token': 'other' } })).status).toBe(200);
  const texts = [];
  for (const pauseMs of [0, WINDOW_MS]) {
    pass(pauseMs);
    const headers = { authorization: 'Access=A,' };
    texts.push((await call(simulator, '/10', { headers })).text);
  }
  expect(texts[0]).toContain('limit:2,time:1 second');
  expect(texts[1]).toContain('limit:3,time:1 minute');
});

test.each([
  [1_000, 'limit:1,time:1 second'],
  [15_000, 'limit:1,time:15 second'],
  [300_000, 'limit:1,time:5 minute'],
  [90_000, 'limit:1,time:90 second'],
  [7_200_000, 'limit:1,time:2 hour'],
])('a window of %i ms is told as %s', async (windowMs, told) => {
  const simulator = await simulatorWith({ calls: 1, windowMs });
  await call(simulator, '/10');
  expect((await call(simulator, '/10')).text).toContain(`: policy user over ratelimit,${told}"`);
});

test('the text may leave out the time or the whole limit, the status be 200', async () => {
  const simulator = await simulatorWith({ calls: 1, text: 'without-time', answer: '200' });
  await call(simulator, '/10');
  const withoutTime = await call(simulator, '/10');
  expect(withoutTime.status).toBe(200);
  expect(withoutTime.text).toMatch(/"APIGW\.0308".*over ratelimit,limit:1"/);
  simulator.setRateLimits([{ ...LIMIT, calls: 1, text: 'none' }]);
  await call(simulator, '/10');
  expect((await call(simulator, '/10')).text).toContain('threshold has been reached"');
});

test('Retry-After says when the next call passes, this refusal counted', async () => {
  const simulator = await simulatorWith({ calls: 1, windowMs: 3_000, retryAfter: true });
  await call(simulator, '/10');
  pass(1_500);
  expect((await call(simulator, '/10')).headers.get('retry-after')).toBe('3');
});

test('the control API replaces the limits, and refuses what is none', async () => {
  const simulator = await simulatorWith({ calls: 1 });
  const post = (limits: unknown) =>
    fetch(`${simulator.url}/_simulator/rate-limits`, {
      method: 'POST',
      body: JSON.stringify(limits),
    });
  expect(await statuses(simulator, 2)).toEqual([200, 429]);
  expect((await post([LIMIT])).status).toBe(200);
  expect(await statuses(simulator, 3)).toEqual([200, 200, 429]);
  for (const wrong of [{ calls: 0 }, { windowMs: 1_500 }, { policy: 'app' }, { texts: 'full' }]) {
    expect((await post([{ ...LIMIT, ...wrong }])).status).toBe(400);
  }
  expect(await statuses(simulator, 1)).toEqual([429]);
  expect((await post([])).status).toBe(200);
  expect(await statuses(simulator, 5)).toEqual([200, 200, 200, 200, 200]);
});
