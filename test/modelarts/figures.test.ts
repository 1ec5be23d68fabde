import { Budget } from '../../src/modelarts/budget.js';
import { Throttle } from '../../src/modelarts/throttle.js';

/* The figures that the worker's gauges show. */

beforeEach(() => {
  jest.useFakeTimers({ now: 0, doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => jest.useRealTimers());

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

it('the budget has no end while no limit is known', () => {
  const budget = new Budget();
  budget.tookLook();
  expect([budget.left, budget.waiting]).toEqual([Infinity, 0]);
});

it('each call takes one from the tightest limit, until its period is over', async () => {
  const budget = new Budget([
    { calls: 10, windowMs: 60_000 },
    { calls: 100, windowMs: 300_000 },
  ]);
  expect(budget.left).toBe(10);
  for (let calls = 0; calls < 3; calls += 1) budget.tookLook();
  expect(budget.left).toBe(7);
  for (let calls = 0; calls < 20; calls += 1) budget.tookLook();
  expect(budget.left).toBe(0);
  await pass(62_000);
  expect(budget.left).toBe(10);
});

it('a request that gets a later turn waits until it comes for the turn', async () => {
  const budget = new Budget([{ calls: 10, windowMs: 60_000 }]);
  for (let calls = 0; calls < 10; calls += 1) budget.tookLook();
  const turns = ['a', 'b'].map((key) => budget.turn(key));
  expect(turns.map(({ kind }) => kind)).toEqual(['later', 'later']);
  expect(budget.waiting).toBe(2);
  await pass(62_000);
  expect(budget.turn('a').kind).toBe('go');
  expect(budget.waiting).toBe(1);
  // Nobody comes for the other one.
  await pass(300_000);
  expect(budget.waiting).toBe(0);
});

it('the longest pause of any project counts, until it is over', async () => {
  const throttle = new Throttle();
  expect(throttle.longestPauseMs()).toBe(0);
  const busy = { kind: 'again', error: { message: 'busy', httpStatus: 429 } } as const;
  throttle.learn('one', { ...busy, retryAfterMs: 5_000 }, 0);
  throttle.learn('two', { ...busy, retryAfterMs: 20_000 }, 0);
  expect(throttle.longestPauseMs()).toBe(20_000);
  await pass(15_000);
  expect(throttle.longestPauseMs()).toBe(5_000);
  await pass(15_000);
  expect(throttle.longestPauseMs()).toBe(0);
});
