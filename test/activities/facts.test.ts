import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../src/activities/index.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { clientOf, closeAll } from '../modelarts/scripted-client.js';

afterEach(closeAll);

const FACTS = { searchAttributes: ['ModelArtsJobId'], requestTimeoutMs: 1_000 };

/** Asks a worker whose IAM does not answer for its facts. */
async function factsOf(isProjectKnown: boolean): Promise<unknown> {
  const authUrl = 'http://127.0.0.1:9';
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
  const environment = new MockActivityEnvironment();
  return environment.run(() => describeWorker({ isProjectKnown })).catch((error: unknown) => error);
}

test('whoever names a project does not wait for IAM', async () => {
  expect(await factsOf(true)).toEqual(FACTS);
});

test('whoever names none does', async () => {
  expect(await factsOf(false)).toMatchObject({ type: 'LookFailed' });
});
