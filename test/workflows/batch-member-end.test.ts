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
  ]) {
    for (const kind of ['completed', 'failed', 'canceled']) {
      const end = { kind, type: 'Odd', message: 'odd', outcome } as unknown as FollowedEnd;
      expect(JOB_OUTCOMES).toContain(asEnd(end).outcome);
      expect([outcome, kind, asEnd(end).outcome]).toEqual([outcome, kind, 'unknown']);
    }
  }
});
