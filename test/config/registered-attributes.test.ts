import type { NativeConnection } from '@temporalio/worker';
import { RegisteredAttributes } from '../../src/registered-attributes.js';

const KEYWORD = 2;
const TEXT = 1;
const ALL = { ModelArtsJobId: KEYWORD, ModelArtsOutcome: KEYWORD, ModelArtsErrorCode: KEYWORD };

type Answer = Record<string, number> | Error | 'silence';

let opened: RegisteredAttributes | undefined;
beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  opened?.close();
  jest.useRealTimers();
});

/** What a Temporal that answers like this tells; `calls` counts how often it is asked. */
function ask(answer: () => Answer) {
  const listSearchAttributes = jest.fn(async () => {
    const told = answer();
    if (told === 'silence') return new Promise<never>(() => undefined);
    if (told instanceof Error) throw told;
    return { customAttributes: told };
  });
  const connection = {
    operatorService: { listSearchAttributes },
    withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
  };
  opened = new RegisteredAttributes({
    connection: connection as unknown as NativeConnection,
    namespace: 'default',
  });
  return { attributes: opened, calls: () => listSearchAttributes.mock.calls.length };
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('only those that are registered as Keyword are told', async () => {
  const { attributes } = ask(() => ({ ...ALL, ModelArtsOutcome: TEXT, Other: KEYWORD }));
  await attributes.asked;
  expect(attributes.names()).toEqual(['ModelArtsJobId', 'ModelArtsErrorCode']);
});

test('a Temporal that never answers has registered nothing, and is given up after seconds', async () => {
  const { attributes, calls } = ask(() => 'silence');
  expect(attributes.names()).toEqual([]);
  const asked = jest.fn();
  void attributes.asked.then(asked);
  await pass(4_000);
  expect(asked).not.toHaveBeenCalled();
  await pass(4_000);
  expect(asked).toHaveBeenCalled();
  expect(calls()).toBe(1);
});

test('a thousand restarts in a minute share the calls, one at a time, whether they are answered or not', async () => {
  let under = 0;
  let most = 0;
  const { attributes, calls } = ask(() => {
    under += 1;
    most = Math.max(most, under);
    setTimeout(() => (under -= 1), 5_000);
    return 'silence';
  });
  for (let i = 0; i < 1_000; i += 1) {
    attributes.names();
    await pass(60);
  }
  expect(most).toBe(1);
  expect(calls()).toBeLessThanOrEqual(4);
});

test('a failure is remembered for a while, and then asked again', async () => {
  const { attributes, calls } = ask(() => new Error('throttled'));
  await pass(14_000);
  for (let i = 0; i < 100; i += 1) expect(attributes.names()).toEqual([]);
  expect(calls()).toBe(1);
  await pass(2_000);
  expect(calls()).toBe(2);
});

test('what is registered while the worker runs is known within a minute', async () => {
  let answer: Answer = {};
  const { attributes } = ask(() => answer);
  await attributes.asked;
  expect(attributes.names()).toEqual([]);
  answer = ALL;
  await pass(60_000);
  expect(attributes.names()).toEqual(Object.keys(ALL));
});

test('what was known counts while Temporal does not answer', async () => {
  let answer: Answer = ALL;
  const { attributes, calls } = ask(() => answer);
  await attributes.asked;
  answer = 'silence';
  await pass(200_000);
  expect(calls()).toBeGreaterThan(2);
  expect(attributes.names()).toEqual(Object.keys(ALL));
});

test('nobody is asked any more once it is closed, also by a call that was under way', async () => {
  const { attributes, calls } = ask(() => 'silence');
  await pass(1_000);
  attributes.close();
  await pass(200_000);
  expect(calls()).toBe(1);
});
