import { groupOf, type StatusGroup } from './status.js';

/** What a status decides: the restart has ended that way. `undefined`: keep waiting. */
export type Verdict = 'running' | 'finished' | 'failed' | 'stopped' | undefined;

/** An acceptor: the statuses that it matches, by number or by group, and what they decide. */
type Acceptor = { verdict: Verdict } & ({ code: number } | { group: StatusGroup });

/**
 * The first acceptor that matches decides; a status that none matches keeps the wait going. So do
 * a job that is going down (9: its end follows), the odd ones (0, 6) and undocumented numbers.
 */
const ACCEPTORS: Record<'running' | 'finished', readonly Acceptor[]> = {
  running: [
    { group: 'up', verdict: 'running' },
    { group: 'failed', verdict: 'failed' },
    { group: 'ended', verdict: 'stopped' },
  ],
  finished: [
    { code: 10, verdict: 'finished' },
    { group: 'failed', verdict: 'failed' },
    { group: 'ended', verdict: 'stopped' },
  ],
};

/** Tells what a status decides for a restart that waits `until` it is running, or finished. */
export function judge(until: 'running' | 'finished', code: number): Verdict {
  const group = groupOf(code);
  return ACCEPTORS[until].find((row) => ('code' in row ? row.code === code : row.group === group))
    ?.verdict;
}

/**
 * May this reading be an old one, from before the request?
 *
 * ModelArts can show the status before for a while after it took a request (how long is not
 * documented). While the job has not been seen to move, an unchanged status tells nothing.
 *
 * @param code the status that was read
 * @param baseline the status right before the request; `undefined` where there was no request
 * @param moved whether another status has been seen since the request
 */
export function mayBeOld(code: number, baseline: number | undefined, moved: boolean): boolean {
  return !moved && code === baseline;
}
