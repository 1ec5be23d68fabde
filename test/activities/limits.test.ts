import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../src/activities/index.js';
import type { RestartActivities } from '../../src/activities/activities.js';
import type { WorkerLimits } from '../../src/domain/worker-limits.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { closeAll, JOB, scripted } from '../modelarts/scripted-client.js';
import { reply } from '../modelarts/scripted-server.js';

/* A restart that began under a worker without these limits asks all the same. */

afterEach(closeAll);

async function activitiesWith(limits: WorkerLimits) {
  const { server, client: modelarts } = await scripted(
    reply(404, { error_code: 'ModelArts.0015' }),
  );
  const activities = createActivities({
    modelarts,
    feed: new StatusFeed(modelarts),
    temporal: {} as Client,
    facts: () => ({ searchAttributes: [], requestTimeoutMs: 1_000, ...limits }),
    stopping: new AbortController().signal,
    waitSlots: 10,
    followSlots: 10,
  });
  return { server, activities };
}

const request = { job: JOB, sendByMs: Infinity };
const looking = { job: JOB, deadlineMs: Infinity };
const run = <K extends keyof RestartActivities>(
  activities: RestartActivities,
  name: K,
  ...args: Parameters<RestartActivities[K]>
): Promise<unknown> =>
  new MockActivityEnvironment().run(
    activities[name] as (...given: unknown[]) => Promise<unknown>,
    ...args,
  );

test('nothing is sent for a project that is not allowed', async () => {
  const { server, activities } = await activitiesWith({ allowedProjects: ['a'.repeat(32)] });
  const refused = { kind: 'refused', error: { message: expect.stringContaining('ALLOWED') } };
  expect(await run(activities, 'requestRestart', request)).toEqual(refused);
  expect(await run(activities, 'requestStop', request)).toEqual(refused);
  expect(await run(activities, 'lookAtJob', looking)).toMatchObject({ look: refused });
  const { projectId } = JOB;
  expect(await run(activities, 'selectJobs', { projectId, select: {} })).toEqual(refused);
  expect(server.seen).toEqual([]);
});

test('no stop is sent where stops are forbidden', async () => {
  const { server, activities } = await activitiesWith({ allowStop: false });
  expect(await run(activities, 'requestStop', request)).toMatchObject({ kind: 'refused' });
  expect(server.seen).toEqual([]);
});

test('a look returns no other project’s permission, since a history keeps it', async () => {
  const allowedProjects = [JOB.projectId, ...Array.from({ length: 99 }, (_, i) => `other${i}`)];
  const { activities } = await activitiesWith({ allowedProjects });
  expect(await run(activities, 'lookAtJob', looking)).toMatchObject({
    worker: { allowedProjects: [JOB.projectId] },
  });
});
