import { Budget } from '../../src/modelarts/budget.js';
import type { RateLimit } from '../../src/modelarts/rate-limit.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 0, doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => jest.useRealTimers());

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const now = (): number => performance.now();
const until = (instant: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.ceil(instant - now()))));

const LIMIT: RateLimit = { calls: 200, windowMs: 300_000 };

/** A gateway that counts every call, also those that it refuses. */
class Gateway {
  readonly calls: number[] = [];
  refused = 0;
  constructor(
    readonly limit: RateLimit,
    readonly kind: 'sliding' | 'fixed' = 'sliding',
  ) {}

  /** Whether a call that arrives now is let through. */
  takes(): boolean {
    const { calls, windowMs } = this.limit;
    const from =
      this.kind === 'sliding' ? now() - windowMs : Math.floor(now() / windowMs) * windowMs;
    const isFull = this.calls.filter((at) => at >= from && at > now() - windowMs).length >= calls;
    this.calls.push(now());
    if (isFull) this.refused += 1;
    return !isFull;
  }
}

interface Done {
  requests: number[];
  tries: number[];
  looks: number;
}

/** A worker with many restarts at once: each looks, asks for its turn, is sent, and looks again. */
async function restartAll(
  budget: Budget,
  gateway: Pick<Gateway, 'limit' | 'takes'>,
  count: number,
): Promise<Done> {
  const done: Done = { requests: [], tries: [], looks: 0 };
  let page: Promise<void> | undefined;
  /** One page serves all who come before it starts; pages start at least a second apart. */
  let lastPageAt = -Infinity;
  const look = (): Promise<void> => {
    page ??= (async () => {
      await Promise.resolve();
      for (;;) {
        const at = Math.max(budget.nextLookAt(), lastPageAt + 1_000);
        if (at <= now()) break;
        await until(at);
      }
      page = undefined;
      lastPageAt = now();
      budget.tookLook();
      done.looks += 1;
      const startedAt = now();
      const isTaken = gateway.takes();
      await until(now() + 40);
      if (!isTaken) budget.refused([gateway.limit], startedAt);
    })();
    return page;
  };
  const restart = async (id: number): Promise<void> => {
    await until(id * 20);
    for (let tries = 1; ; tries += 1) {
      await look();
      const turn = budget.turn(`job ${id}`);
      if (turn.kind === 'later') {
        await until(turn.atMs);
        continue;
      }
      for (let at = turn.notedMs; ;) {
        at = budget.moveUntilRoom(at, false);
        if (at <= now()) break;
        await until(at);
      }
      const startedAt = now();
      const isTaken = gateway.takes();
      await until(now() + 100);
      if (!isTaken) {
        budget.refused([gateway.limit], startedAt);
        continue;
      }
      done.requests.push(startedAt);
      done.tries.push(tries);
      await look();
      return;
    }
  };
  await Promise.all(Array.from({ length: count }, (_, id) => restart(id)));
  return done;
}

async function run<T>(work: Promise<T>, stepMs = 1_000, steps = 20_000): Promise<T> {
  let isOver = false;
  void work.finally(() => (isOver = true));
  for (let step = 0; step < steps && !isOver; step += 1) await pass(stepMs);
  return work;
}

describe.each(['sliding', 'fixed'] as const)('a limit by %s periods', (kind) => {
  test.each([
    ['told beforehand', [LIMIT], 0],
    // Those that were under way when the first refusal came.
    ['learnt from a refusal', [], 16],
  ] as const)(
    '%s: a thousand restarts take 1.15 times the least time, and wait once each',
    async (_how, told, mostRefused) => {
      const gateway = new Gateway(LIMIT, kind);
      const { requests, tries } = await run(restartAll(new Budget(told), gateway, 1_000));
      expect(requests).toHaveLength(1_000);
      const least = (1_000 / LIMIT.calls) * LIMIT.windowMs;
      expect(Math.max(...requests)).toBeLessThanOrEqual(1.15 * least);
      expect(gateway.refused).toBeLessThanOrEqual(mostRefused);
      expect(Math.max(...tries)).toBeLessThanOrEqual(3);
      expect(tries.filter((count) => count <= 2).length).toBeGreaterThan(950);
    },
  );

  test('of two limits neither is exceeded, and the narrower one is used up', async () => {
    const limits = [LIMIT, { calls: 5, windowMs: 1_000 }];
    const gateways = limits.map((limit) => new Gateway(limit, kind));
    const takes = () => gateways.map((gateway) => gateway.takes()).every(Boolean);
    const budget = new Budget(limits);
    const { requests } = await run(restartAll(budget, { limit: LIMIT, takes }, 600), 250);
    expect(gateways.map(({ refused }) => refused)).toEqual([0, 0]);
    expect(Math.max(...requests)).toBeLessThanOrEqual((600 / LIMIT.calls) * LIMIT.windowMs * 1.2);
  });

  test.each([
    ['5 per second', { calls: 5, windowMs: 1_000 }, 1.4],
    ['100 per minute', { calls: 100, windowMs: 60_000 }, 1.2],
    ['10 per minute', { calls: 10, windowMs: 60_000 }, 1.6],
  ])('of %s is never exceeded by 100 restarts', async (_words, limit, ratio) => {
    const gateway = new Gateway(limit, kind);
    const { requests } = await run(restartAll(new Budget([limit]), gateway, 100), 250);
    expect(gateway.refused).toBe(0);
    expect(Math.max(...requests)).toBeLessThanOrEqual((100 / limit.calls) * limit.windowMs * ratio);
  });

  test('two workers with one key share it without talking, and both get their restarts done', async () => {
    const gateway = new Gateway(LIMIT, kind);
    const both = await run(
      Promise.all([1, 2].map(() => restartAll(new Budget([LIMIT]), gateway, 400))),
    );
    expect(both.map(({ requests }) => requests.length)).toEqual([400, 400]);
    const ends = both.map(({ requests }) => Math.max(...requests));
    const least = (800 / LIMIT.calls) * LIMIT.windowMs;
    expect(Math.max(...ends)).toBeLessThanOrEqual(2 * least);
    expect(gateway.refused / gateway.calls.length).toBeLessThan(0.15);
  });
});

test('without a limit everything goes at once', () => {
  const budget = new Budget();
  for (let id = 0; id < 500; id += 1) {
    expect(budget.turn(`job ${id}`)).toMatchObject({ kind: 'go', notedMs: now() });
    expect(budget.nextLookAt()).toBeLessThanOrEqual(now());
    budget.tookLook();
  }
  expect(budget.words).toBeUndefined();
});

test('looks leave a fifth of the limit to requests', async () => {
  const budget = new Budget([LIMIT]);
  let looks = 0;
  for (let second = 0; second < 300; second += 1) {
    while (budget.nextLookAt() <= now()) {
      budget.tookLook();
      looks += 1;
    }
    await pass(1_000);
  }
  expect(looks).toBeGreaterThan(140);
  const turns = Array.from({ length: 30 }, (_, id) => budget.turn(`job ${id}`));
  expect(turns.every(({ kind }) => kind === 'go')).toBe(true);
});

test('a turn that is asked for again stays the same until it has come', async () => {
  const budget = new Budget([LIMIT]);
  for (let id = 0; id < 48; id += 1) budget.turn(`job ${id}`);
  const turn = budget.turn('late');
  expect(turn).toMatchObject({ kind: 'later' });
  await pass(10_000);
  expect(budget.turn('late')).toEqual(turn);
  expect(budget.isShort).toBe(true);
  await pass(Math.ceil((turn as { atMs: number }).atMs - now()));
  expect(budget.turn('late')).toMatchObject({ kind: 'go', notedMs: now() });
  expect(budget.isShort).toBe(false);
});

test('single looks are not held back for long once requests wait for their turns', async () => {
  const budget = new Budget([{ calls: 20, windowMs: 5_000 }]);
  budget.plan(1);
  // More looks than the reserve leaves room for, then a crowd of requests.
  for (let look = 0; look < 200; look += 1) {
    if (budget.nextLookAt() <= now()) budget.tookLook();
    await pass(100);
  }
  for (let id = 0; id < 40; id += 1) budget.turn(`job ${id}`);
  expect(budget.isShort).toBe(true);
  expect(budget.nextLookAt() - now()).toBeLessThan(6_000);
});

test('a call that reaches its socket late counts from then on', async () => {
  const budget = new Budget([{ calls: 3, windowMs: 10_000 }]);
  const noted = [budget.tookLook(), budget.tookLook(), budget.tookLook()];
  await pass(3_000);
  budget.onItsWay(noted[0]!);
  expect(budget.turn('one')).toEqual({ kind: 'later', atMs: 10_200 });
  budget.onItsWay(noted[1]!);
  budget.onItsWay(noted[2]!);
  const late = budget.turn('other');
  expect(late.kind === 'later' && late.atMs).toBeGreaterThanOrEqual(13_200);
});

test('a call with room waits longer if those before it were late, and others do not take its room', async () => {
  const budget = new Budget([{ calls: 2, windowMs: 1_000 }]);
  const go = (key: string): number => {
    const turn = budget.turn(key);
    if (turn.kind !== 'go') throw new Error('it has no room');
    return turn.notedMs;
  };
  const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map(go) as [number, ...number[]];
  expect([first, second, third, fourth]).toEqual([0, 0, 1_100, 1_100]);
  await pass(700);
  budget.onItsWay(first);
  await pass(400);
  // One of the two before has left the period.
  expect(budget.moveUntilRoom(third!, false)).toBe(1_100);
  await pass(1);
  const moved = budget.moveUntilRoom(fourth!, false);
  expect(moved).toBe(1_800);
  await pass(699);
  expect(budget.moveUntilRoom(moved, false)).toBe(1_800);
  expect(go('e')).toBeGreaterThanOrEqual(2_200);
});

test('a turn that nobody takes is dropped', async () => {
  const budget = new Budget([LIMIT]);
  for (let id = 0; id < 49; id += 1) budget.turn(`job ${id}`);
  expect(budget.isShort).toBe(true);
  await pass(300_000);
  expect(budget.isShort).toBe(false);
});
