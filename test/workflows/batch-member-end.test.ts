import type { FollowedEnd } from '../../src/activities/activities.js';
import { JOB_OUTCOMES } from '../../src/domain/batch-outcome.js';
import { asEnd } from '../../src/workflows/batch-member-end.js';

test('a workflow that ended with anything but an outcome is `unknown`, whatever it ended with', () => {
  // Anybody may start any workflow under the id of a job's restart, and a newer worker may have outcomes of its own.
  for (const outcome of [
    undefined,
    null,
    'done',
    {},
    { outcome: 'of-tomorrow' },
    { outcome: 'toString' },
    { outcome: 'failed' },
    { outcome: 'refused', transitions: [], error: null },
    { outcome: 'refused', transitions: [], error: {} },
    { outcome: 'refused', transitions: [], error: { message: 'x', code: 5 } },
  ]) {
    for (const kind of ['completed', 'failed', 'canceled']) {
      const end = { kind, type: 'Odd', message: 'odd', outcome } as unknown as FollowedEnd;
      expect(JOB_OUTCOMES).toContain(asEnd(end).outcome);
      expect([outcome, kind, asEnd(end).outcome]).toEqual([outcome, kind, 'unknown']);
    }
  }
});

test('only a refusal has an error code', () => {
  const end = { kind: 'failed', type: 'InvalidInput', message: 'InvalidInput: timeout' } as const;
  expect(asEnd(end)).toEqual({ outcome: 'invalid', message: 'InvalidInput: timeout' });
});
