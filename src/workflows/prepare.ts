import type { LookResult } from '../domain/answer.js';
import { groupOf, isStartingOrUp } from '../domain/status.js';
import type { Ending } from './record.js';
import type { RestartRun } from './run.js';
import { stopFirst } from './stop.js';

/** What the looks before the request came to. */
export type Prepared = { next: 'ask' | 'attach' } | { next: 'end'; ending: Ending };

/**
 * Looks at the job and brings it to where the restart may be asked for: waits for one that is going
 * down, and does what `ifRunning` says with one that is up or starting.
 *
 * Leaves the status that readings after the request are told by in `record.last`, fresh.
 */
export async function prepare(run: RestartRun): Promise<Prepared> {
  const { record, request } = run;
  record.phase = 'checking';
  const look = await run.look();
  const ending = notRead(look);
  if (ending !== undefined) return { next: 'end', ending };
  note(run, look);

  while (groupOf(record.last!.code) === 'going-down') {
    const change = await run.waitForChange({ last: record.last!.code, lookAtOnce: false });
    const end = notRead(change);
    if (end !== undefined) return { next: 'end', ending: end };
    note(run, change);
    if (run.timeIsUp) break;
  }

  const { code } = record.last!;
  if (isStartingOrUp(code) && request.ifRunning === 'attach') return { next: 'attach' };
  if (run.timeIsUp) return { next: 'end', ending: { outcome: 'timed-out' } };
  if (isStartingOrUp(code) && request.ifRunning === 'stop') {
    const stopped = await stopFirst(run);
    if (stopped !== undefined) return { next: 'end', ending: stopped };
  }
  return { next: 'ask' };
}

/** A look before the request: `before` is the last of them, or what the job was before it was stopped. */
function note(run: RestartRun, look: LookResult): void {
  if (look.kind !== 'read') return;
  const { record } = run;
  const { status } = look.reading;
  if (record.last?.code !== status.code) run.note(`the job is ${status.name}`);
  record.saw(look.reading);
  if (!record.stopped) record.before = status;
}

function notRead(look: LookResult): Ending | undefined {
  if (look.kind === 'read') return undefined;
  return { outcome: look.kind === 'refused' ? 'refused' : 'timed-out', error: look.error };
}
