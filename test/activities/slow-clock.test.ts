import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../src/activities/index.js';
import { byOwnClock } from '../../src/activities/slow-clock.js';
import type { RequestInput, RestartActivities } from '../../src/activities/activities.js';
import type { RequestAnswer } from '../../src/domain/answer.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { closeAll, JOB, scripted } from '../modelarts/scripted-client.js';
import { reply } from '../modelarts/scripted-server.js';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeAll();
});

const activitiesOf = (modelarts: ModelArtsClient, waitSlots = 10): RestartActivities =>
  createActivities({
    modelarts,
    feed: new StatusFeed(modelarts),
    temporal: {} as Client,
    facts: () => ({ searchAttributes: [], requestTimeoutMs: 1_000 }),
    stopping: new AbortController().signal,
    waitSlots,
    followSlots: 10,
  });

/** Sends a restart by a worker whose clock differs from Temporal's. Returns how long the request may be held back. */
async function patienceOf(input: { behindMs: number; withinMs: number }): Promise<number> {
  const { client: modelarts } = await scripted(reply(200, {}));
  let patienceMs = NaN;
  modelarts.restart = async (_job, { sendBy = NaN } = {}): Promise<RequestAnswer> => {
    patienceMs = sendBy - Date.now();
    return { kind: 'accepted' };
  };
  const { requestRestart } = activitiesOf(modelarts);
  const scheduledMs = Date.now() + input.behindMs;
  const environment = new MockActivityEnvironment({
    currentAttemptScheduledTimestampMs: scheduledMs,
  });
  const request: RequestInput = { job: JOB, sendByMs: scheduledMs + input.withinMs };
  expect(await environment.run(requestRestart, request)).toEqual({ kind: 'accepted' });
  return patienceMs;
}

test.each([0, 120_000])(
  'a clock that is %i ms behind does not lengthen the time in which a request may be sent',
  async (behindMs) => {
    const patienceMs = await patienceOf({ behindMs, withinMs: 10_000 });
    expect(patienceMs).toBeGreaterThan(9_000);
    expect(patienceMs).toBeLessThanOrEqual(10_000);
  },
);

const BEHIND_MS = 600_000;

/** Does work in an attempt that Temporal has just scheduled, by its clock, which is 10 minutes ahead of this one. */
function slowAttempt<T>(work: (scheduledMs: number) => Promise<T>): Promise<T> {
  const scheduledMs = Date.now() + BEHIND_MS;
  return new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: scheduledMs }).run(() =>
    work(scheduledMs),
  );
}

test('the instants of the input, and of the result, are moved', async () => {
  await slowAttempt(async (scheduledMs) => {
    const input = {
      deadlineMs: scheduledMs,
      doubt: { codes: [12], untilMs: scheduledMs },
      last: 7,
    };
    const result = await byOwnClock(input, async (own) => {
      expect(Math.abs(own.deadlineMs - Date.now())).toBeLessThan(1_000);
      expect(Math.abs(own.doubt.untilMs - Date.now())).toBeLessThan(1_000);
      expect(own.last).toBe(7);
      return { kind: 'read', reading: { lookedAt: Date.now() } };
    });
    expect(Math.abs(result.reading.lookedAt - scheduledMs)).toBeLessThan(1_000);
  });
});

test('a clock that is set right meanwhile is believed', async () => {
  await slowAttempt(async (scheduledMs) => {
    const result = await byOwnClock({}, async () => {
      const now = Date.now.bind(Date);
      jest.spyOn(Date, 'now').mockImplementation(() => now() + BEHIND_MS);
      return { reading: { lookedAt: Date.now() } };
    });
    expect(Math.abs(result.reading.lookedAt - scheduledMs)).toBeLessThan(1_000);
  });
});

test('a wait tells the next worker by Temporal’s clock since when the job is gone', async () => {
  const { client: modelarts } = await scripted(reply(404, { error_code: 'ModelArts.0015' }));
  const { waitForStatusChange } = activitiesOf(modelarts, 0);
  const scheduledMs = Date.now() + BEHIND_MS;
  const environment = new MockActivityEnvironment({
    currentAttemptScheduledTimestampMs: scheduledMs,
  });
  const memories: { goneSinceMs?: number }[] = [];
  environment.on('heartbeat', (memory: { goneSinceMs?: number }) => memories.push(memory));
  const wait = {
    job: JOB,
    last: 8,
    pollIntervalMs: 1_000,
    lookAtOnce: true,
    deadlineMs: scheduledMs + 60_000,
    goneGraceMs: 60_000,
  };
  await expect(environment.run(waitForStatusChange, wait)).rejects.toMatchObject({
    type: 'LookLater',
  });
  expect(memories).toHaveLength(1);
  expect(Math.abs(memories[0]!.goneSinceMs! - scheduledMs)).toBeLessThan(1_000);
});
