import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../src/activities/index.js';
import type { RequestInput } from '../../src/activities/activities.js';
import type { RequestAnswer } from '../../src/domain/answer.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { closeAll, JOB, scripted } from '../modelarts/scripted-client.js';
import { reply } from '../modelarts/scripted-server.js';

afterEach(closeAll);

/** Sends a restart by a worker whose clock differs from Temporal's. Returns how long the request may be held back. */
async function patienceOf(input: { behindMs: number; withinMs: number }): Promise<number> {
  const { client: modelarts } = await scripted(reply(200, {}));
  let patienceMs = NaN;
  modelarts.restart = async (_job, { sendBy = NaN } = {}): Promise<RequestAnswer> => {
    patienceMs = sendBy - Date.now();
    return { kind: 'accepted' };
  };
  const { requestRestart } = createActivities({
    modelarts,
    feed: new StatusFeed(modelarts),
    temporal: {} as Client,
    facts: () => ({ searchAttributes: [], requestTimeoutMs: 1_000 }),
    stopping: new AbortController().signal,
    waitSlots: 10,
    followSlots: 10,
  });
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
