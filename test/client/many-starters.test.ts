import {
  openRestart,
  restartId,
  RestartError,
  startRestart,
  type RestartInput,
} from '../../src/client/index.js';
import { openStage, type Stage } from '../setup/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** More than the ten updates of one workflow that Temporal has in flight. */
const STARTERS = 15;

/** The time is for a busy machine, on which so many starts take a while. */
const QUICK = { pollInterval: '1s', settleTime: '2s', timeout: '5m' } as const;
const options = () => ({ projectId: stage.projectId, taskQueue: stage.taskQueue });
const start = (input: RestartInput) =>
  startRestart(stage.client, { ...QUICK, ...input }, options());
const open = (input: RestartInput) => openRestart(stage.client, { ...QUICK, ...input }, options());
const atOnce = <T>(act: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: STARTERS }, act));

it('of fifteen who start one job at once, one restarts it and all others join', async () => {
  // On its way until all have started, however long that takes.
  const starting = [{ afterMs: 0, status: 7 }];
  stage.simulator.addJob({ jobId: '1', status: 12, timelines: { restart: starting } });
  const started = await atOnce(() => start({ jobId: '1' }));
  stage.simulator.setStatus('1', 8);
  expect(started.filter(({ joined }) => !joined)).toHaveLength(1);
  expect(started.filter(({ attached }) => attached)).toHaveLength(STARTERS - 1);
  expect(new Set(started.map(({ runId }) => runId)).size).toBe(1);
  expect(new Set(started.map(({ acceptedAt }) => acceptedAt)).size).toBe(1);
  expect(started[0]).toMatchObject({ before: { name: 'KILLED' } });
  expect(started[0]!.acceptedAt).toBeDefined();
  expect(stage.simulator.acceptedRestarts('1')).toBe(1);
});

it('all fifteen wait for an acceptance that is not there yet, and learn of it', async () => {
  stage.simulator.addJob({ jobId: '2', status: 9 });
  const opened = await atOnce(() => open({ jobId: '2' }));
  expect(opened.filter(({ joined }) => !joined)).toHaveLength(1);
  let answers = 0;
  const accepted = Promise.all(
    opened.map(async (one) => {
      const answer = await one.accepted();
      answers += 1;
      return answer;
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(answers).toBe(0);
  stage.simulator.setStatus('2', 12);
  const acceptedAt = new Set((await accepted).map((answer) => answer.acceptedAt));
  expect([...acceptedAt]).toEqual([expect.stringMatching(/^20.*Z$/)]);
  expect(stage.simulator.acceptedRestarts('2')).toBe(1);
});

it('all fifteen learn that ModelArts refused', async () => {
  stage.simulator.addJob({ jobId: '3', status: 9 });
  const opened = await atOnce(() => open({ jobId: '3' }));
  const errors = Promise.all(
    opened.map((one) => one.accepted().catch((error: unknown) => error as RestartError)),
  );
  stage.simulator.setStatus('3', 8);
  for (const [index, error] of (await errors).entries()) {
    expect(error).toMatchObject({
      name: 'RestartError',
      type: 'ModelArts.0105',
      outcome: { outcome: 'refused', attached: opened[index]!.joined },
    });
  }
});

it.each(['cancel', 'terminate'] as const)(
  'who started a restart and who joined it learn how it ended before ModelArts took it (%s)',
  async (how) => {
    const jobId = how === 'cancel' ? '4' : '5';
    stage.simulator.addJob({ jobId, status: 9 });
    const own = await open({ jobId });
    const joiner = await open({ jobId });
    expect([own.joined, joiner.joined]).toEqual([false, true]);
    const errors = Promise.all(
      [own, joiner].map((one) => one.accepted().catch((error: unknown) => error)),
    );
    const started = start({ jobId }).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await stage.client.workflow.getHandle(restartId(stage.projectId, jobId))[how]();
    for (const error of [...(await errors), await started]) {
      expect(error).toBeInstanceOf(RestartError);
      const type = how === 'cancel' ? 'RestartCanceled' : 'RestartUnknown';
      expect(error).toMatchObject({ type });
    }
  },
);

it('writes no update into the history, whose number Temporal limits', async () => {
  stage.simulator.addJob({ jobId: '6', status: 12 });
  const { workflowId, runId } = await start({ jobId: '6' });
  const handle = stage.client.workflow.getHandle(workflowId, runId);
  await handle.result();
  const { events } = await handle.fetchHistory();
  expect(events!.length).toBeGreaterThan(10);
  expect(
    events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes),
  ).toHaveLength(0);
});
