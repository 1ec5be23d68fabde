import { Health, type Watched } from '../../src/observe/health.js';
import { monotonicNow } from '../../src/modelarts/clock.js';

const open: Health[] = [];
afterEach(() => {
  for (const health of open.splice(0)) health.close();
});

const GOOD: Watched = {
  state: () => 'RUNNING',
  buildId: 'b42',
  lastPollAt: () => monotonicNow(),
  waits: () => 3,
  credentials: () => ({ from: 'access key', end: '2026-11-24T08:00:00.000Z', usable: true }),
  modelarts: () => ({ ok: true }),
};

/** The status of both doors, and the body of the second. */
async function ask(watched: Partial<Watched> | undefined, stopping = new AbortController()) {
  const health = new Health({ version: '1.2.3', taskQueue: 'mine' }, stopping.signal);
  open.push(health);
  const address = await health.listen({ variable: 'HEALTH_ADDRESS', host: '::1', port: 0 });
  if (watched !== undefined) health.watch({ ...GOOD, ...watched });
  const live = await fetch(`http://${address}/livez`);
  const ready = await fetch(`http://${address}/readyz`);
  return { live: live.status, ready: ready.status, body: (await ready.json()) as object };
}

it('tells all that it knows', async () => {
  const { body } = await ask({});
  expect(body).toEqual({
    state: 'RUNNING',
    version: '1.2.3',
    buildId: 'b42',
    taskQueue: 'mine',
    lastPoll: expect.any(String),
    waits: 3,
    credentials: { from: 'access key', end: '2026-11-24T08:00:00.000Z', usable: true },
    modelarts: { ok: true },
  });
});

it('tells of no build where none is set', async () => {
  const { body } = await ask({ buildId: undefined });
  expect(body).not.toHaveProperty('buildId');
});

const AGO = (ms: number) => ({ lastPollAt: () => monotonicNow() - ms });

it.each([
  ['before there is a worker', undefined, { live: 200, ready: 503 }],
  ['before the worker runs', { state: () => 'INITIALIZED' }, { live: 200, ready: 503 }],
  ['while it runs', {}, { live: 200, ready: 200 }],
  ['before its first poll', { lastPollAt: () => undefined }, { live: 200, ready: 503 }],
  ['74 s after a poll', AGO(74_000), { live: 200, ready: 200 }],
  ['75 s after a poll', AGO(75_000), { live: 200, ready: 503 }],
  [
    'without usable credentials',
    { credentials: () => ({ from: 'access key', usable: false }) },
    { live: 200, ready: 503 },
  ],
  ['while ModelArts is down', { modelarts: () => ({ ok: false }) }, { live: 200, ready: 200 }],
  ['while it drains', { state: () => 'DRAINING' }, { live: 200, ready: 503 }],
  ['once it has failed', { state: () => 'FAILED' }, { live: 503, ready: 503 }],
])('%s', async (_when, watched, expected) => {
  expect(await ask(watched)).toMatchObject(expected);
});

it('is not ready from the signal on, whatever the worker says', async () => {
  const stopping = new AbortController();
  stopping.abort();
  expect(await ask({}, stopping)).toMatchObject({
    live: 200,
    ready: 503,
    body: { state: 'STOPPING' },
  });
});
