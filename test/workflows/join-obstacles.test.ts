import { restartId } from '../../src/domain/ids.js';
import { endOf, eventually, openStage, progressWhen, type Stage } from '../setup/stage.js';

let stage: Stage;
/** While this is there, the worker takes so long to say what it knows. */
let slowFactsMs = 0;
let factsAsked = 0;
beforeAll(async () => {
  stage = await openStage({
    beforeFacts: async () => {
      factsAsked += 1;
      if (slowFactsMs > 0) await new Promise((resolve) => setTimeout(resolve, slowFactsMs));
    },
  });
});
afterEach(() => (slowFactsMs = 0));
afterAll(() => stage.close());

const STARTING = [{ afterMs: 0, status: 7 }];

it('a joiner that is cancelled together with the worker’s answer starts no restart', async () => {
  stage.simulator.addJob({ jobId: '1301', status: 12, timelines: { restart: STARTING } });
  slowFactsMs = 700;
  factsAsked = 0;
  const joiner = await stage.startWith([{ jobId: '1301' }]);
  await eventually(() => (factsAsked > 0 ? true : undefined));
  await stage.replaceWorker(async () => void (await joiner.cancel()));
  expect(await endOf(joiner)).toEqual({ status: 'canceled' });
  expect(stage.simulator.requests({ jobId: '1301' })).toHaveLength(0);
  const { events } = await joiner.fetchHistory();
  expect(
    events!.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes),
  ).toHaveLength(0);
});

it('`accepted` of a joiner fails as RestartUnknown where its restart is terminated', async () => {
  stage.simulator.addJob({ jobId: '1302', status: 9, timelines: { restart: STARTING } });
  const restart = await stage.start({ jobId: '1302' });
  await progressWhen(restart, ({ last }) => last?.code === 9);
  const joiner = await stage.startWith([{ jobId: '1302' }]);
  await progressWhen(joiner, (now) => now.restart === restartId(stage.projectId, '1302'));
  const accepted = joiner.executeUpdate('accepted').catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await restart.terminate('by the test');
  expect(await accepted).toMatchObject({ cause: { type: 'RestartUnknown' } });
  expect(await endOf(joiner)).toMatchObject({ status: 'failed', type: 'RestartUnknown' });
});

it('a joiner whose worker can’t ask IAM for its project asks until a second before its timeout', async () => {
  const bare = await openStage({
    defaultProject: null,
    credentials: () => ({
      kind: 'login',
      authUrl: 'http://127.0.0.1:9',
      userName: 'u',
      password: { value: 'password-CanaryOfTheTests' },
      domainName: 'd',
      project: { name: 'cn-north-4' },
    }),
  });
  try {
    const joiner = await bare.startWith([{ jobId: '1304', timeout: '6s' }]);
    const end = await endOf(joiner);
    expect(end).toMatchObject({ status: 'failed', type: 'RestartTimedOut' });
    expect((end as { message: string }).message).toContain('no worker told its project');
    const { startTime, closeTime } = await joiner.describe();
    const tookMs = closeTime!.getTime() - startTime.getTime();
    expect(tookMs).toBeGreaterThanOrEqual(4_900);
    expect(tookMs).toBeLessThan(8_000);
  } finally {
    await bare.close();
  }
});

it('a joiner whose worker never says what it knows ends at its timeout', async () => {
  const bare = await openStage({
    defaultProject: null,
    beforeFacts: () => new Promise((resolve) => setTimeout(resolve, 6_000).unref()),
  });
  try {
    const joiner = await bare.startWith([{ jobId: '1303', timeout: '3s' }]);
    expect(await endOf(joiner)).toMatchObject({ status: 'failed', type: 'RestartTimedOut' });
  } finally {
    await bare.close();
  }
});
