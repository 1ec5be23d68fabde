import { shareOut } from '../../chaos/collect.js';
import type { LoggedRequest } from '../../simulator/index.js';
import { arrived, ask, runOf, T } from './run-of.js';

/** Two runs of a job's restart. The second one starts right after the first has been refused. */
function twoRuns() {
  const first = runOf({ calls: [ask('refused')] });
  const second = runOf({ calls: [{ ...ask(), scheduledAt: T + 160, closedAt: T + 220 }] });
  first.isTheRestart = true;
  second.isTheRestart = true;
  first.story.startedAt = T;
  second.story.startedAt = T + 110;
  return { first, second };
}

const share = (...at: number[]) => {
  const { first, second } = twoRuns();
  const requests = at.map((ms) => arrived({ at: T + ms }) as LoggedRequest);
  shareOut([second, first], { requests } as unknown as Parameters<typeof shareOut>[1]);
  return [first, second].map(({ sent }) => sent.map((request) => request.at - T));
};

test('a request belongs to the run whose call was under way, however soon the next run started', () => {
  expect(share(80, 200)).toEqual([[80], [200]]);
});

test('a request outside all calls belongs to the run that had started last', () => {
  expect(share(80, 200, 5_000)).toEqual([[80], [200, 5_000]]);
});

test('a second request in the time of a call stays with that call, where the rules find it', () => {
  expect(share(80, 90, 200)).toEqual([[80, 90], [200]]);
});

test('those who joined know the runs of the restart too, and have sent nothing', () => {
  const { first, second } = twoRuns();
  const joiner = runOf({ sent: [], run: { isTheRestart: false, ofTheJob: [] } });
  shareOut([joiner, second, first], { requests: [] } as unknown as Parameters<typeof shareOut>[1]);
  expect(joiner.ofTheJob).toEqual([first, second]);
  expect(joiner.sent).toEqual([]);
});
