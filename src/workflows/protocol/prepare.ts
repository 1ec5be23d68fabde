import { groupOf, isStartingOrUp } from '../../domain/status.js';
import type { LookResult } from '../../domain/answer.js';
import type { Ending } from './record.js';
import type { RestartRun } from './run.js';
import { stopUntilDown } from './stop.js';
import { look, waitForChange } from './wait.js';

/** What to do after the looks before the request. */
export type Prepared = { next: 'request' | 'attach' } | { next: 'end'; ending: Ending };

/**
 * Looks at the job and prepares it for the restart request: waits for a job that is going down, and
 * does what `ifRunning` says with a job that is up or starting.
 *
 * On `request`, `record.last` holds the status that a fresh look showed right before the request.
 */
export async function prepare(run: RestartRun): Promise<Prepared> {
  const { record, options } = run;
  record.phase = 'checking';
  let seen = await look(run);
  for (;;) {
    if (seen.kind !== 'read') return end(notRead(seen));
    if (groupOf(record.last!.code) !== 'going-down' || run.isTimeUp) break;
    seen = await waitForChange(run, { lookAtOnce: false });
  }

  const isUp = isStartingOrUp(record.last!.code);
  if (isUp && options.ifRunning === 'attach') return { next: 'attach' };
  if (run.isTimeUp) return end({ outcome: 'timed-out' });
  if (!isUp || options.ifRunning !== 'stop') return { next: 'request' };

  const stopped = await stopUntilDown(run, options.settleTimeMs);
  if (stopped.kind === 'down' && !run.isTimeUp) return { next: 'request' };
  const outcome = stopped.kind === 'refused' ? 'refused' : 'timed-out';
  return end({ outcome, ...('error' in stopped && { error: stopped.error }) });
}

function end(ending: Ending): Prepared {
  return { next: 'end', ending };
}

function notRead({ kind, error }: Exclude<LookResult, { kind: 'read' }>): Ending {
  return { outcome: kind === 'refused' ? 'refused' : 'timed-out', error };
}
