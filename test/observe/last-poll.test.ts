import { LastPoll, type Poller } from '../../src/observe/last-poll.js';

const START = Date.parse('2026-01-01T00:00:00.000Z');

beforeEach(() => {
  jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'queueMicrotask'] });
});
afterEach(() => jest.useRealTimers());

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** Temporal's account: who has polled when, by its clock, in milliseconds from START. */
class Account {
  polls: { identity: string; atMs: number }[] = [];
  isAway = false;
  asked = 0;

  connection(): Poller['connection'] {
    const describeTaskQueue = ({ taskQueueType }: { taskQueueType: number }) => {
      this.asked += 1;
      if (this.isAway) return Promise.reject(new Error('away'));
      const pollers = this.polls.map(({ identity, atMs }) => ({
        identity,
        lastAccessTime: {
          seconds: Math.floor((START + atMs) / 1_000),
          nanos: ((START + atMs) % 1_000) * 1_000_000,
        },
      }));
      return Promise.resolve({ pollers: taskQueueType === 1 ? pollers : [] });
    };
    return {
      workflowService: { describeTaskQueue },
      withDeadline: (_deadline: unknown, call: () => Promise<unknown>) => call(),
    } as unknown as Poller['connection'];
  }
}

function open(account: Account): LastPoll {
  return new LastPoll({
    connection: account.connection(),
    namespace: 'default',
    taskQueue: 'mine',
    identity: '1@pod',
  });
}

it('tells of this worker’s polls alone', async () => {
  const account = new Account();
  const lastPoll = open(account);
  account.polls = [{ identity: '2@pod', atMs: 0 }];
  await pass(2_000);
  expect(lastPoll.at).toBeUndefined();
  account.polls.push({ identity: '1@pod', atMs: 2_000 });
  await pass(1_000);
  expect(lastPoll.at).toBe(2_000);
  lastPoll.close();
});

it('keeps the last poll while Temporal is away, and learns of the next one', async () => {
  const account = new Account();
  account.polls = [{ identity: '1@pod', atMs: 0 }];
  const lastPoll = open(account);
  await pass(1);
  account.isAway = true;
  await pass(120_000);
  expect(lastPoll.at).toBe(0);
  account.isAway = false;
  account.polls = [{ identity: '1@pod', atMs: 118_000 }];
  await pass(10_000);
  expect(lastPoll.at).toBe(118_000);
  lastPoll.close();
});

it('tells two polls within one second apart', async () => {
  const account = new Account();
  account.polls = [{ identity: '1@pod', atMs: 300 }];
  const lastPoll = open(account);
  await pass(2_000);
  account.polls = [{ identity: '1@pod', atMs: 900 }];
  await pass(10_000);
  expect(lastPoll.at).toBeGreaterThanOrEqual(900);
  lastPoll.close();
});

it('does not take the polls of a former worker of the same identity for its own', async () => {
  const account = new Account();
  account.polls = [{ identity: '1@pod', atMs: -20_000 }];
  const lastPoll = open(account);
  await pass(5_000);
  expect(lastPoll.at).toBeUndefined();
  account.polls = [{ identity: '1@pod', atMs: 5_000 }];
  await pass(1_000);
  expect(lastPoll.at).toBe(5_000);
  lastPoll.close();
});

it.each([
  ['an hour behind', -3_600_000],
  ['an hour ahead', 3_600_000],
])(
  'knows a poll within the time between two questions where Temporal’s clock is %s',
  async (_how, offMs) => {
    const account = new Account();
    account.polls = [{ identity: '1@pod', atMs: offMs }];
    const lastPoll = open(account);
    await pass(61_000);
    account.polls = [{ identity: '1@pod', atMs: 60_000 + offMs }];
    await pass(10_000);
    expect(lastPoll.at).toBeGreaterThanOrEqual(50_000);
    expect(lastPoll.at).toBeLessThanOrEqual(71_000);
    lastPoll.close();
  },
);

it('asks no more once it is closed', async () => {
  const account = new Account();
  const lastPoll = open(account);
  await pass(1);
  lastPoll.close();
  const { asked } = account;
  await pass(60_000);
  expect(account.asked).toBe(asked);
  expect(asked).toBe(2);
});
