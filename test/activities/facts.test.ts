import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../src/activities/index.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { clientOf, closeAll, scripted } from '../modelarts/scripted-client.js';
import { reply } from '../modelarts/scripted-server.js';

afterEach(closeAll);

const FACTS = { searchAttributes: ['ModelArtsJobId'], requestTimeoutMs: 1_000 };

/** Asks a worker whose IAM does not answer for its facts. */
async function factsOf(
  isProjectKnown: boolean,
  { authUrl = 'http://127.0.0.1:9', attempt = 1, lastTryInMs = Infinity } = {},
): Promise<unknown> {
  const modelarts = clientOf(authUrl, { projectLookUp: { authUrl, name: 'cn-north-4' } });
  const { describeWorker } = createActivities({
    modelarts,
    feed: new StatusFeed(modelarts),
    temporal: {} as Client,
    facts: () => FACTS,
    stopping: new AbortController().signal,
    waitSlots: 10,
    followSlots: 10,
  });
  const environment = new MockActivityEnvironment({ attempt });
  const input = { isProjectKnown, lastTryAtMs: Date.now() + lastTryInMs };
  return environment.run(() => describeWorker(input)).catch((error: unknown) => error);
}

test('whoever names a project does not wait for IAM', async () => {
  expect(await factsOf(true)).toEqual(FACTS);
});

test('whoever names none does', async () => {
  expect(await factsOf(false)).toMatchObject({ type: 'LookFailed' });
});

test('the last try comes when it is due, however long the pauses have become', async () => {
  const failed = await factsOf(false, { attempt: 6, lastTryInMs: 2_000 });
  expect((failed as { nextRetryDelay: number }).nextRetryDelay).toBeLessThanOrEqual(2_000);
  const after = await factsOf(false, { attempt: 6, lastTryInMs: 0 });
  expect((after as { nextRetryDelay: number }).nextRetryDelay).toBeGreaterThan(10_000);
});

test('an IAM that asks for a pause is not asked sooner', async () => {
  const { server } = await scripted(reply(429, {}, { 'retry-after': '60' }));
  const failed = await factsOf(false, { authUrl: server.endpoint, lastTryInMs: 2_000 });
  expect(failed).toMatchObject({ nextRetryDelay: 60_000 });
});
