import { Client, Connection } from '@temporalio/client';
import {
  describeRestart,
  registerSearchAttributes,
  searchAttributeState,
  seenWorkers,
  startRestart,
  TemporalRefusedError,
  TemporalUnreachableError,
} from '../../src/client/index.js';
import { freePort } from '../e2e/free-port.js';
import { eventually, openStage, type Stage } from '../setup/stage.js';
import { uniqueTaskQueue } from '../setup/temporal.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const PROJECT = 'a'.repeat(32);

it('says where Temporal does not answer', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const client = new Client({ connection: Connection.lazy({ address }) });
  const job = { jobId: '1', projectId: PROJECT };
  for (const call of [startRestart, describeRestart]) {
    const error = await call(client, job).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TemporalUnreachableError);
    expect((error as Error).message).toContain(address);
  }
});

it('says which namespace Temporal does not have', async () => {
  const { connection } = stage.client;
  const client = new Client({ connection, namespace: 'nowhere' });
  const error = await startRestart(client, { jobId: '1', projectId: PROJECT }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TemporalRefusedError);
  expect((error as Error).message).toContain('the namespace nowhere');
});

it('sees who listens on a task queue, and that nobody does on another', async () => {
  const { workflows, activities } = await eventually(async () => {
    const seen = await seenWorkers(stage.client, stage.taskQueue);
    return seen.workflows.length > 0 && seen.activities.length > 0 ? seen : undefined;
  });
  expect(workflows.some(({ listens }) => listens)).toBe(true);
  expect(activities.some(({ listens }) => listens)).toBe(true);
  expect(await seenWorkers(stage.client, uniqueTaskQueue())).toEqual({
    workflows: [],
    activities: [],
  });
});

it('registers search attributes once, and twice without harm', async () => {
  const names = ['ModelArtsJobId', 'ModelArtsOutcome', 'ModelArtsErrorCode', 'ModelArtsBatch'];
  expect(await registerSearchAttributes(stage.client)).toEqual({
    registered: names,
    missing: [],
    ofAnotherType: [],
  });
  expect((await searchAttributeState(stage.client)).registered).toEqual(names);
});
