import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { followRestart } from '../../src/activities/other-restart.js';

const TURN_MS = 120_000;

/** A Temporal that has a restart which never ends, and ends each call at its deadline. */
function endlessRestart() {
  const asked: number[] = [];
  let deadlineMs = Infinity;
  const handle = {
    describe: () => Promise.resolve({ runId: 'run', status: { name: 'RUNNING' } }),
    result: () => {
      asked.push(Date.now());
      return new Promise((_, reject) => {
        setTimeout(() => reject(new Error('deadline')), deadlineMs - Date.now());
      });
    },
  };
  const withDeadline = (ms: number, call: () => Promise<unknown>): Promise<unknown> => {
    deadlineMs = ms;
    return call();
  };
  const client = { workflow: { getHandle: () => handle }, connection: { withDeadline } };
  return { client: client as unknown as Client, asked };
}

beforeEach(() => {
  jest.useFakeTimers({ now: 0, doNotFake: ['nextTick', 'queueMicrotask', 'performance'] });
});
afterEach(() => jest.useRealTimers());

test('an end is waited for in turns, and a cancelled wait leaves no call behind for longer than one', async () => {
  const { client, asked } = endlessRestart();
  const attempt = new MockActivityEnvironment();
  const following = attempt
    .run(followRestart, client, new AbortController().signal, { workflowId: 'restart:p:1' }, true)
    .then(
      () => 'ended',
      (error: unknown) => (error as Error).name,
    );
  await jest.advanceTimersByTimeAsync(2.5 * TURN_MS);
  expect(asked).toEqual([0, TURN_MS, 2 * TURN_MS]);
  attempt.cancel();
  expect(await following).toBe('CancelledFailure');
  await jest.advanceTimersByTimeAsync(10 * TURN_MS);
  expect(asked).toHaveLength(3);
});
