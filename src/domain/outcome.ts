import type { ServiceError } from './answer.js';
import type { Until } from './options.js';
import { groupOf, type Status, type StatusGroup } from './status.js';

/** How a restart can end. */
export const OUTCOMES = [
  'running',
  'finished',
  'refused',
  'failed',
  'stopped',
  'no-effect',
  'timed-out',
  'unknown',
  'canceled',
] as const;

export type OutcomeName = (typeof OUTCOMES)[number];

/** A change of status that was seen: what it became, and when the look that showed it was made. */
export type Transition = Status & { at: string };

/** What became of a restart. All times are ISO 8601 in UTC. */
export interface RestartOutcome {
  outcome: OutcomeName;
  projectId: string;
  jobId: string;
  until: Until;
  /** It sent no request itself: the job was up or starting, or another restart was under way. */
  attached: boolean;
  /** Read before the request; absent only where no look ever succeeded. */
  before?: Status;
  /** The last one seen. */
  last?: Status;
  /** Every change seen after the request (attached: after the first look), in order; at most 100, the first and the last. */
  transitions: Transition[];
  startedAt: string;
  /** When ModelArts took the request; absent where it took none, or where that is not known. */
  acceptedAt?: string;
  endedAt: string;
  /** Where the job is served, once it is up. */
  serviceUrl?: string;
  reason?: string;
  requestedBy?: string;
  error?: ServiceError;
}

/** Where a restart is: looking at the job, stopping it first, asking for the restart, following it, ended. */
export type Phase = 'checking' | 'stopping' | 'requesting' | 'waiting' | 'done';

/** The answer of the query `progress`: the outcome so far. `outcome` and `endedAt` are there once it is done. */
export type RestartProgress = Omit<RestartOutcome, 'outcome' | 'endedAt'> &
  Partial<Pick<RestartOutcome, 'outcome' | 'endedAt'>> & {
    phase: Phase;
    /** The workflow id of *the* restart of the job, where this one follows that one. */
    restart?: string;
  };

/** The answer of the update `accepted`. Without `acceptedAt` only where nobody sent a request. */
export type RestartAccepted = Pick<RestartOutcome, 'before' | 'acceptedAt' | 'attached'>;

/** The answer of the update `extendDeadline`. */
export interface ExtendedDeadline {
  deadline: string;
}

/** What a status decides: the restart has ended that way. `undefined`: keep waiting. */
type Decided = Until | 'failed' | 'stopped' | undefined;

/** An acceptor: the statuses that it matches, by number or by group, and what they decide. */
type Acceptor = { outcome: Decided } & ({ code: number } | { group: StatusGroup });

/**
 * The first acceptor that matches decides; a status that none matches keeps the wait going. So do
 * a job that is going down (9: its end follows), the odd ones (0, 6) and undocumented numbers.
 */
const ACCEPTORS: Record<Until, readonly Acceptor[]> = {
  running: [
    { group: 'up', outcome: 'running' },
    { group: 'failed', outcome: 'failed' },
    { group: 'ended', outcome: 'stopped' },
  ],
  finished: [
    { code: 10, outcome: 'finished' },
    { group: 'failed', outcome: 'failed' },
    { group: 'ended', outcome: 'stopped' },
  ],
};

/** Tells what a status decides for a restart that waits `until` it is running, or finished. */
export function outcomeAt(until: Until, code: number): Decided {
  const group = groupOf(code);
  return ACCEPTORS[until].find((row) => ('code' in row ? row.code === code : row.group === group))
    ?.outcome;
}

/** What somebody who joined a restart is told of it: they sent no request themselves. */
export function asJoined<T extends { attached: boolean }>(seen: T, joined: boolean): T {
  return { ...seen, attached: seen.attached || joined };
}
