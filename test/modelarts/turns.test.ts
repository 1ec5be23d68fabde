import { Budget } from '../../src/modelarts/budget.js';
import { closeAll, clientOf, JOB, PROJECT, scripted } from './scripted-client.js';
import { reply, type Script } from './scripted-server.js';

afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const stopTheClock = (): void => {
  jest.useFakeTimers({ now: 0, doNotFake: ['nextTick', 'queueMicrotask'] });
};
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

const LIMIT = { calls: 200, windowMs: 300_000 };

test('restarts that ended before their turns do not hold back others for an hour', async () => {
  stopTheClock();
  const budget = new Budget([LIMIT]);
  for (let id = 0; id < 2_000; id += 1) budget.turn(`ended ${id}`);
  await pass(200_000);
  expect(budget.turn('new')).toMatchObject({ kind: 'go', notedMs: performance.now() });
});

test('what lapsed turns lend stays within the limit', async () => {
  stopTheClock();
  const budget = new Budget([LIMIT]);
  const sent: number[] = [];
  for (let id = 0; id < 2_000; id += 1) budget.turn(`ended ${id}`);
  for (let second = 0; second < 1_800; second += 1) {
    for (let id = 0; id < 3; id += 1) {
      const turn = budget.turn(`new ${second} ${id}`);
      if (turn.kind === 'go') sent.push(turn.notedMs);
    }
    await pass(1_000);
  }
  const most = sent.map((at) => sent.filter((one) => one > at - 300_000 && one <= at).length);
  expect(Math.max(...most)).toBeLessThanOrEqual(200);
  expect(sent.length).toBeGreaterThan(500);
});

test('the turns of a cancelled batch hold nothing back, once nobody asks for those whose time has come', async () => {
  stopTheClock();
  const budget = new Budget([LIMIT]);
  const isLookFree = (): boolean => budget.nextLookAt() <= performance.now();
  for (let id = 0; id < 900; id += 1) {
    if (budget.turn(`ended ${id}`).kind === 'go') await pass(1);
  }
  const group = budget.turnGapMs;
  for (let look = 0; look < 3; look += 1) budget.tookLook();
  expect([budget.isShort, isLookFree()]).toEqual([true, false]);
  // One restart that waits still asks: the others may only be late.
  await pass(group + 1_000);
  expect(budget.turn('ended 50').kind).toBe('go');
  await pass(group + 5_000);
  expect(budget.isShort).toBe(true);
  await pass(60_000);
  expect(budget.isShort).toBe(false);
  for (let look = 0; look < 3; look += 1) budget.tookLook();
  await pass(10_000);
  expect(isLookFree()).toBe(true);
  expect(budget.turn('new').kind).toBe('go');
});

test('new restarts do not queue behind what was planned for a cancelled batch', async () => {
  stopTheClock();
  const budget = new Budget([LIMIT]);
  for (let id = 0; id < 2_000; id += 1) budget.turn(`ended ${id}`);
  await pass(budget.turnGapMs + 35_000);
  const from = performance.now();
  const waits = Array.from({ length: 400 }, (_, id) => {
    const turn = budget.turn(`new ${id}`);
    return (turn.kind === 'go' ? turn.notedMs : turn.atMs) - from;
  });
  expect(Math.max(...waits)).toBeLessThan(15 * 60_000);
});

test('a restart that waits keeps its turn although the one before it has ended', async () => {
  stopTheClock();
  const budget = new Budget([{ calls: 3, windowMs: 60_000 }]);
  const turns = ['goes', 'ended', 'waits'].map((key) => budget.turn(key));
  const [, ended, waits] = turns.map((turn) => (turn.kind === 'later' ? turn.atMs : 0));
  expect(waits).toBeGreaterThan(ended! + 31_000);
  await pass(ended! + 31_000);
  expect(budget.isShort).toBe(true);
  expect(budget.turn('waits')).toEqual({ kind: 'later', atMs: waits });
  expect(budget.turn('new').kind).toBe('later');
});

// A stop on cancel is given up after 10 minutes, and would not have been sent by then.
test('a stop on cancel does not queue behind the turns of 500 restarts', () => {
  stopTheClock();
  const budget = new Budget([LIMIT]);
  for (let id = 0; id < 500; id += 1) budget.turn(`/v1/p/visualization-jobs/${id}/restart`);
  const turns = Array.from({ length: 100 }, (_, id) =>
    budget.turn(`/v1/p/visualization-jobs/${id}/stop`, 5_000, -Infinity, true),
  );
  const waits = turns.map((turn) => (turn.kind === 'go' ? turn.notedMs : turn.atMs));
  expect(waits.filter((ms) => ms < 1_000)).toHaveLength(50);
  expect(Math.max(...waits)).toBeLessThan(600_000);
});

test('a request whose room has moved away gets it as its turn', async () => {
  stopTheClock();
  const budget = new Budget([{ calls: 2, windowMs: 10_000 }]);
  const go = (key: string): number => {
    const turn = budget.turn(key);
    if (turn.kind !== 'go') throw new Error(`${key} has no room`);
    return turn.notedMs;
  };
  const early = [budget.tookLook(), budget.tookLook()];
  await pass(6_000);
  const planned = go('c');
  expect(planned).toBe(10_200);
  await pass(3_000);
  for (const notedMs of early) budget.onItsWay(notedMs);
  await pass(1_200);
  const moved = budget.moveUntilRoom(planned, false);
  expect(moved).toBe(19_200);
  budget.keepTurn('c', moved);
  expect(budget.turn('c')).toEqual({ kind: 'later', atMs: 19_200 });
  expect(budget.waiting).toBe(1);
  await pass(9_000);
  expect(go('c')).toBe(19_200);
  expect(budget.waiting).toBe(0);
});

const FINE = { is_success: true, job_id: 197, status: 8, jobs: [], job_total_count: 0 };

/** The first call gets this answer, all others are fine. */
const first = (answer: Script): Script => {
  let calls = 0;
  return (...call) => ((calls += 1) === 1 ? answer : reply(200, FINE))(...call);
};

test('a project that ModelArts has put off does not hold back the requests of another', async () => {
  const busy = { error_code: 'ModelArts.2799', error_msg: 'too many requests' };
  const { server } = await scripted(first(reply(429, busy, { 'retry-after': '200' })));
  const client = clientOf(server.endpoint, { rateLimits: [LIMIT] });
  expect(await client.restart(JOB)).toMatchObject({ kind: 'not-sent' });
  expect(await client.restart({ ...JOB, jobId: '198' })).toMatchObject({ kind: 'not-sent' });
  const other = { projectId: 'ffff0123456789abcdef0123456789ab', jobId: '197' };
  expect(await client.restart(other)).toEqual({ kind: 'accepted' });
});

test('requests that wait in place for the end of a pause are sent then', async () => {
  const over = {
    error_code: 'APIGW.0308',
    error_msg: 'Throttled: policy user over ratelimit,limit:200,time:5 minute',
  };
  // The first timer of each round may ring a fraction of a millisecond too early.
  const rounds = Array.from({ length: 20 }, async (_, round) => {
    const { client } = await scripted(first(reply(429, over)));
    await client.restart(JOB);
    const answers = [1, 2, 3].map(async (n) => {
      await new Promise((done) => setTimeout(done, 100 * n + round));
      return client.restart({ projectId: PROJECT, jobId: `${n}` }, { sendBy: Date.now() + 10_000 });
    });
    return Promise.all(answers);
  });
  const answers = (await Promise.all(rounds)).flat();
  expect(answers.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
});

test('a call counts until its answer has come, since nobody knows when the gateway has counted it', async () => {
  const late = first((...call) => setTimeout(() => reply(200, FINE)(...call), 600));
  const { server } = await scripted(late);
  const client = clientOf(server.endpoint, { rateLimits: [{ calls: 3, windowMs: 3_000 }] });
  await client.detail(JOB);
  const answeredAt = performance.now();
  await Promise.all([client.restart(JOB), client.stop(JOB)]);
  expect(server.seen).toHaveLength(3);
  expect(client.budget.nextLookAt() - answeredAt).toBeGreaterThan(2_900);
});

test('a page that may wait takes the next room, though looks of others come first to ask for it', async () => {
  const { server } = await scripted(reply(200, FINE));
  const limit = { calls: 2, windowMs: 2_000 };
  const client = clientOf(server.endpoint, { rateLimits: [limit] });
  await client.detail(JOB);
  await client.detail(JOB);
  expect(await client.detail(JOB)).toMatchObject({ kind: 'again' });
  expect(await client.list(JOB.projectId, { page: 1 })).toMatchObject({ kind: 'again' });
  const page = client.list(JOB.projectId, { page: 1 }, { roomWithinMs: 10_000 });
  expect(await page).toMatchObject({ kind: 'read' });
  expect(server.seen).toHaveLength(3);
});

test('looks that have waited together for the first answer to a key keep to the limit when they go', async () => {
  const arrivals: number[] = [];
  const { server } = await scripted((...call) => {
    arrivals.push(performance.now());
    const delayMs = arrivals.length === 1 ? 4_000 : 0;
    setTimeout(() => reply(200, FINE)(...call), delayMs);
  });
  const client = clientOf(server.endpoint, { rateLimits: [{ calls: 5, windowMs: 1_000 }] });
  const looks: Promise<{ kind: string }>[] = [];
  while (looks.length < 8) {
    if (client.budget.nextLookAt() <= performance.now()) looks.push(client.detail(JOB));
    else await new Promise((done) => setTimeout(done, 20));
  }
  const kinds = (await Promise.all(looks)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'read')).toHaveLength(arrivals.length);
  expect(arrivals.length).toBeGreaterThan(4);
  const most = arrivals.map((at) => arrivals.filter((one) => one > at - 1_000 && one <= at).length);
  expect(Math.max(...most)).toBeLessThanOrEqual(5);
});

test('requests behind the one that teaches the limit are told to come back, at once and why', async () => {
  const over = { error_code: 'APIGW.0308', error_msg: 'Throttled,limit:8,time:5 minute' };
  const answer = first(reply(429, over));
  const { server } = await scripted((...call) => setTimeout(() => answer(...call), 300));
  const client = clientOf(server.endpoint);
  // The key is known to be good.
  await client.detail(JOB);
  await client.detail(JOB);
  const from = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      client.restart({ ...JOB, jobId: String(n + 1) }, { sendBy: Date.now() + 10_000 }),
    ),
  );
  expect(performance.now() - from).toBeLessThan(5_000);
  const held = answers.filter(({ kind }) => kind === 'not-sent');
  expect(held.length).toBeGreaterThanOrEqual(4);
  for (const one of held) {
    const { message } = (one as { error: { message: string } }).error;
    expect(message).toMatch(/its turn is at|asked for a pause/);
  }
});
