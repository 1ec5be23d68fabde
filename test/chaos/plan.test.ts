import { planOf } from '../../chaos/plan.js';
import { FULL, SHORT } from '../../chaos/scale.js';

it('plans the same for the same seed, and something else for another', () => {
  expect(planOf(7, SHORT)).toEqual(planOf(7, SHORT));
  expect(planOf(7, SHORT)).not.toEqual(planOf(8, SHORT));
});

it('plans the same restarts whatever their number', () => {
  const few = planOf(7, { ...FULL, restarts: 20 });
  expect(planOf(7, FULL).starts.slice(0, 20)).toEqual(few.starts);
});

it('mixes everything that a caller can ask for', () => {
  const { starts, jobs } = planOf(7, FULL);
  const seen = (values: readonly (string | undefined)[]): unknown[] =>
    [...new Set(values.map(String))].toSorted((a, b) => a.localeCompare(b));
  expect(seen(starts.map(({ input }) => input.ifRunning))).toEqual(['attach', 'fail', 'stop']);
  expect(seen(starts.map(({ input }) => input.onCancel))).toEqual(['leave', 'stop']);
  expect(seen(starts.map(({ input }) => input.ifUnknown))).toEqual(['fail', 'repeat']);
  expect(seen(starts.flatMap(({ incidents }) => incidents.map(({ kind }) => kind)))).toEqual([
    'cancel',
    'checkNow',
    'extendDeadline',
  ]);
  const ids = seen(starts.map(({ workflowId }) => workflowId.split(/[-:]/)[0]));
  expect(ids).toEqual(['chaos', 'restart']);
  expect(starts.length).toBeGreaterThan(jobs.length);
  expect(seen(jobs.map(({ spec }) => String(spec.status)))).toEqual([
    '10',
    '11',
    '12',
    '7',
    '8',
    '9',
  ]);
});

it('keeps readings old for less than any settle time', () => {
  for (const scale of [FULL, SHORT]) {
    for (const { staleMs } of planOf(7, scale).jobs) {
      expect(staleMs).toBeLessThan(scale.settleTime[0]);
    }
  }
});
