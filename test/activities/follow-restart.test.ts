import {
  CancelledFailure,
  type Client,
  QueryNotRegisteredError,
  WorkflowFailedError,
} from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { followRestart } from '../../src/activities/other-restart.js';

/** Temporal ends a long poll after so long. */
const POLL_MS = 20_000;

/** A Temporal with a restart that ends at an instant. */
function restartThatEnds(endsAtMs: number) {
  const polls: number[] = [];
  const handle = {
    describe: () => Promise.resolve({ runId: 'run', status: { name: 'RUNNING' } }),
    result: () => Promise.resolve({ outcome: 'running' }),
  };
  const getWorkflowExecutionHistory = async () => {
    polls.push(Date.now());
    const ms = Math.min(POLL_MS, endsAtMs - Date.now());
    await new Promise((resolve) => setTimeout(resolve, ms));
    const events = Date.now() >= endsAtMs ? [{}] : [];
    return { history: { events }, nextPageToken: new Uint8Array() };
  };
  const client = {
    options: { namespace: 'default' },
    workflow: { getHandle: () => handle },
    workflowService: { getWorkflowExecutionHistory },
  };
  return { client: client as unknown as Client, polls };
}

const follow = (attempt: MockActivityEnvironment, client: Client) =>
  attempt
    .run(followRestart, client, new AbortController().signal, { workflowId: 'restart:p:1' }, true)
    .catch((error: unknown) => (error as Error).name);

beforeEach(() => {
  jest.useFakeTimers({ now: 0, doNotFake: ['nextTick', 'queueMicrotask', 'performance'] });
});
afterEach(() => jest.useRealTimers());

test('an end is waited for by one long poll at a time', async () => {
  const { client, polls } = restartThatEnds(50_000);
  const following = follow(new MockActivityEnvironment(), client);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await following).toEqual({ kind: 'completed', outcome: { outcome: 'running' } });
  expect(polls).toEqual([0, POLL_MS, 2 * POLL_MS]);
});

test('a cancelled wait asks Temporal nothing more', async () => {
  const { client, polls } = restartThatEnds(Infinity);
  const attempt = new MockActivityEnvironment();
  const following = follow(attempt, client);
  await jest.advanceTimersByTimeAsync(2.5 * POLL_MS);
  attempt.cancel();
  expect(await following).toBe('CancelledFailure');
  await jest.advanceTimersByTimeAsync(10 * POLL_MS);
  expect(polls).toHaveLength(3);
});

// Under the id of a restart anybody may start any workflow.
test('a workflow that was cancelled and knows no query is lost, and not asked again', async () => {
  const { client } = restartThatEnds(0);
  const handle = client.workflow.getHandle('restart:p:1');
  const canceled = new WorkflowFailedError(
    'canceled',
    new CancelledFailure('canceled'),
    'NON_RETRYABLE_FAILURE',
  );
  handle.result = () => Promise.reject(canceled);
  handle.query = () => Promise.reject(new QueryNotRegisteredError('unknown query', 3));
  const following = follow(new MockActivityEnvironment(), client);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await following).toEqual({ kind: 'lost', why: 'it was canceled' });
});
