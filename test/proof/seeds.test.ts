import { OUTCOMES } from '../../src/domain/outcome.js';
import { RULE_NAMES, verdictOn } from '../../proof/judge.js';
import { play, type Run } from '../../proof/world.js';

/** `npm run prove` plays twenty times as many. */
const SEEDS = 5_000;

const runs: Run[] = [];
beforeAll(async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) runs.push(await play(seed));
}, 60_000);

it.each(RULE_NAMES)('in 5,000 simulated restarts: %s', (rule) => {
  const broken = runs.flatMap((run) =>
    verdictOn(run)
      .filter((line) => line.startsWith(`${rule}:`))
      .map((line) => `seed ${run.seed}: ${line}`),
  );
  expect(runs).toHaveLength(SEEDS);
  expect(broken).toEqual([]);
});

it('a seed plays the same run again', async () => {
  const again = await play(17);
  const before = runs[16]!;
  expect(again.outcome).toEqual(before.outcome);
  expect(again.hands.calls).toEqual(before.hands.calls);
  expect(again.job.truth).toEqual(before.job.truth);
});

it('the world does to the restarts all that it is said to do', () => {
  const outcomes = new Set(runs.map(({ outcome }) => outcome?.outcome));
  expect(outcomes).toEqual(new Set(OUTCOMES));
  const faults = new Set(runs.flatMap(({ service }) => service.faults.map(({ fault }) => fault)));
  expect(faults.size).toBe(8);
  const count = (did: (run: Run) => boolean): number => runs.filter(did).length;
  expect({
    killed: count(({ temporal }) => temporal.kills.length > 0) > 500,
    'killed with a request under way':
      count(({ temporal, service }) =>
        service.sent.some(
          ({ at, answer }) =>
            answer === 'pending' || temporal.kills.some((kill) => kill >= at && kill < at + 200),
        ),
      ) > 50,
    cancelled: count(({ cancelledAt }) => cancelledAt !== undefined) > 500,
    'stopped on cancel': count(({ stoppedOnCancel }) => stoppedOnCancel === true) > 50,
    'stopped first':
      count(({ job, plan }) => plan.options.ifRunning === 'stop' && job.stopsTaken.length > 0) >
      200,
    repeated:
      count(
        ({ service }) =>
          service.sent.filter(({ name, answer }) => name === 'restart' && answer !== 'not-sent')
            .length > 1,
      ) > 20,
    extended:
      count(
        ({ deadlineMs, startedAt, plan }) => deadlineMs !== startedAt + plan.options.timeoutMs,
      ) > 200,
    'looked at on request': count(({ checksAt }) => checksAt.length > 0) > 200,
    'moved by another hand': count(({ job }) => job.otherHands.length > 0) > 200,
    'with a clock that is off': count(({ plan }) => plan.skewMs !== 0) > 500,
  }).toEqual({
    killed: true,
    'killed with a request under way': true,
    cancelled: true,
    'stopped on cancel': true,
    'stopped first': true,
    repeated: true,
    extended: true,
    'looked at on request': true,
    'moved by another hand': true,
    'with a clock that is off': true,
  });
});
