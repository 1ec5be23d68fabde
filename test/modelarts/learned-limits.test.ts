import { Budget } from '../../src/modelarts/budget.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 0, doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => jest.useRealTimers());

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const now = (): number => performance.now();

const LIMIT = { calls: 200, windowMs: 300_000 };

test('a refusal that own calls do not explain halves the share, which grows again', async () => {
  const said: (string | undefined)[] = [];
  const budget = new Budget([LIMIT], (words) => said.push(words));
  await pass(1);
  budget.tookLook();
  budget.refused([LIMIT], now());
  budget.refused([LIMIT], now() - 1);
  expect(budget.words).toBe('50 % of 200 calls per 5 min');
  await pass(600_000);
  expect(budget.words).toBe('70 % of 200 calls per 5 min');
  await pass(1_200_000);
  expect(budget.words).toBe('200 calls per 5 min');
  expect(said).toEqual(['50 % of 200 calls per 5 min']);
});

test('refusals that come soon after one another halve the share once', async () => {
  const budget = new Budget([LIMIT]);
  for (let refusals = 0; refusals < 10; refusals += 1) {
    await pass(1_000);
    budget.refused([LIMIT], now());
  }
  expect(budget.words).toBe('50 % of 200 calls per 5 min');
  await pass(37_500);
  budget.refused([LIMIT], now());
  expect(budget.words).toMatch(/^2[56] % of 200 calls per 5 min$/);
});

test('three refusals without a number make a busy worker assume half of its pace, for a while', async () => {
  const said: (string | undefined)[] = [];
  const budget = new Budget([], (words) => said.push(words));
  for (let id = 0; id < 100; id += 1) budget.tookLook();
  for (let refusals = 0; refusals < 3; refusals += 1) {
    expect(budget.words).toBeUndefined();
    await pass(1_000);
    budget.refused([], now());
    budget.refused([], now() - 1);
  }
  expect(budget.words).toBe('50 calls per 1 min');
  await pass(700_000);
  expect(budget.nextLookAt()).toBe(-Infinity);
  expect(budget.words).toBeUndefined();
  expect(said).toHaveLength(2);
});

test('a refusal that names no limit does not halve one that is learnt later', async () => {
  const budget = new Budget();
  budget.refused([], now());
  await pass(3_600_000);
  const startedAt = now();
  for (let id = 0; id < 200; id += 1) budget.tookLook();
  budget.refused([LIMIT], startedAt + 1);
  expect(budget.words).toBe('200 calls per 5 min');
});

test('a refusal by a short limit does not hold the worker back for the period of a long one', async () => {
  const budget = new Budget([LIMIT, { calls: 20_000, windowMs: 86_400_000 }]);
  await pass(1);
  budget.refused([LIMIT], performance.now());
  expect(budget.words).toMatch(/^50 % of /);
  await pass(600_000);
  expect(budget.words).toMatch(/^70 % of /);
});
