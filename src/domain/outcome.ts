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

/** An observed change of status: the new status, and when the look that showed it was made. */
export type Transition = Status & { at: string };

/** How a restart ended, and what was seen on the way. All times are ISO 8601 in UTC. */
export interface RestartOutcome {
  outcome: OutcomeName;
  projectId: string;
  jobId: string;
  until: Until;
  /** This restart sent no request, because the job was up or starting, or another restart was under way. */
  attached: boolean;
  /** The status before the request; absent only if no look ever succeeded. */
  before?: Status;
  /** The last status that was seen. */
  last?: Status;
  /** Every change seen after the request (attached: after the first look), in order. Of more than 100, the first 50 and the last 50 are kept. */
  transitions: Transition[];
  startedAt: string;
  /** When ModelArts took the request; absent if ModelArts took none, or if that is not known. */
  acceptedAt?: string;
  endedAt: string;
  /** The URL at which the job is served, once the job is up. */
  serviceUrl?: string;
  reason?: string;
  requestedBy?: string;
  error?: ServiceError;
}

/** Where a restart is: looking at the job, stopping it first, asking for the restart, following it, ended. */
export type Phase = 'checking' | 'stopping' | 'requesting' | 'waiting' | 'done';

/** The answer of the query `progress`: the outcome so far. `outcome` and `endedAt` are absent until the restart has ended. */
export type RestartProgress = Omit<RestartOutcome, 'outcome' | 'endedAt'> &
  Partial<Pick<RestartOutcome, 'outcome' | 'endedAt'>> & {
    phase: Phase;
    /** The workflow id of *the* restart of the job, if this workflow only follows that restart. */
    restart?: string;
  };

/** The answer of the update `accepted`. `acceptedAt` is absent only if nobody sent a request. */
export type RestartAccepted = Pick<RestartOutcome, 'before' | 'acceptedAt' | 'attached'>;

/** The answer of the update `extendDeadline`. */
export interface ExtendedDeadline {
  deadline: string;
}

/** The outcome that a status decides; `undefined`: keep waiting. */
type Decided = Until | 'failed' | 'stopped' | undefined;

/** An acceptor: the statuses that it matches, by number or by group, and what they decide. */
type Acceptor = { outcome: Decided } & ({ code: number } | { group: StatusGroup });

/**
 * The first acceptor that matches decides. The restart keeps waiting at a status that none matches:
 * a job that is going down (9, because its end follows), the odd statuses (0, 6), undocumented numbers.
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

/** The outcome that a status decides for a restart that waits `until` the job is running or finished. */
export function outcomeAt(until: Until, code: number): Decided {
  const group = groupOf(code);
  return ACCEPTORS[until].find((row) => ('code' in row ? row.code === code : row.group === group))
    ?.outcome;
}

/** The outcome as somebody who joined the restart gets it: `attached`, because they sent no request themselves. */
export function asJoined<T extends { attached: boolean }>(seen: T, joined: boolean): T {
  return { ...seen, attached: seen.attached || joined };
}
