import type { ServiceError } from '../../domain/answer.js';
import { defined } from '../../domain/defined.js';
import { groupOf, isDown, isStartingOrUp, STATUS } from '../../domain/status.js';
import type { RestartRecord } from './record.js';
import type { RestartRun } from './run.js';
import { waitForChange } from './wait.js';

/** What to follow: a job after a request, or a job that needs no request (attached). */
export interface Followed {
  rules: FollowRules;
  /** ModelArts took the request, or none was needed. If false, only the job's moves can show it. */
  taken: boolean;
  /** The status right before the request. Readings of it may be old until the job has moved. */
  baseline?: number | undefined;
  /** `run.changes` right before the request. */
  changesBefore: number;
  /** If the job has not moved by then, the request had no effect. In milliseconds since the epoch. */
  settledAtMs: number;
  /** Statuses at which following ends. */
  endsAt: (code: number) => boolean;
  /** Other statuses that may be from before the request. They count only from `settledAtMs` on. */
  mayBeBefore?: (code: number) => boolean;
}

/**
 * How following ended; the job's status is `record.last`.
 *
 * - `arrived`: the job is at a status in `endsAt`.
 * - `settled`: the job has not moved by `settledAtMs`.
 * - `time-up`: the last look was made.
 * - `refused`: looks are refused for good.
 */
export interface FollowEnd {
  kind: 'arrived' | 'settled' | 'time-up' | 'refused';
  /** Whether the request is known to have been taken. */
  taken: boolean;
  error?: ServiceError;
}

/** Follows the job until a change, the settle time or the deadline decides how the request went. */
export async function followJob(run: RestartRun, followed: Followed): Promise<FollowEnd> {
  const { rules, baseline, settledAtMs, endsAt, mayBeBefore = () => false } = followed;
  let { taken } = followed;
  let isUnderWay = false;
  let lookedAt = -Infinity;
  for (;;) {
    const { code } = run.record.last!;
    const moved = baseline !== undefined && run.changes > followed.changesBefore;
    taken ||= moved && rules.showsTaken(run.record, code);
    isUnderWay ||= moved && rules.shows(code);
    const isOld = !moved && code === baseline;
    const isOver = lookedAt >= Math.min(settledAtMs, run.endsAtMs);
    const isInDoubt = !isUnderWay && mayBeBefore(code) && !isOver;
    if (!isOld && !isInDoubt && endsAt(code)) return { kind: 'arrived', taken };
    const isAtWork = !isOld && !isInDoubt && (rules.isAnyMoveItsWork || rules.shows(code));
    if (!isAtWork && lookedAt >= settledAtMs) return { kind: 'settled', taken };
    // A look that began before the deadline is not the last one, however late its answer came.
    if (lookedAt >= run.endsAtMs) return { kind: 'time-up', taken };

    const seen = await waitForChange(run, {
      lookAtOnce: lookedAt === -Infinity,
      ...defined({
        unchangedAtMs: isAtWork ? undefined : settledAtMs,
        decisive: run.record.changesTooOften ? CODES.filter(endsAt) : undefined,
      }),
    });
    if (seen.kind === 'refused') return { kind: 'refused', taken, error: seen.error };
    if (seen.kind === 'no-reading') return { kind: 'time-up', taken, error: seen.error };
    // The worker's clock may be ahead of ours.
    lookedAt = Math.min(seen.reading.lookedAt, run.hands.now());
  }
}

const CODES = Object.keys(STATUS).map(Number);

/** How following a restart differs from following a stop, as data; the code is the same for both. */
interface FollowRules {
  /** Statuses that show the request at work. */
  shows: (code: number) => boolean;
  /** Whether a move to this status proves that the request was taken, although its answer got lost. */
  showsTaken: (record: RestartRecord, code: number) => boolean;
  /**
   * Whether a move to any status counts as the request's work. A restart may lead anywhere; a job
   * that is being stopped may still come up by itself.
   */
  isAnyMoveItsWork: boolean;
}

export const RESTART: FollowRules = {
  shows: isStartingOrUp,
  showsTaken: ({ acceptedAt }) => acceptedAt !== undefined,
  isAnyMoveItsWork: true,
};

const isStopped = (code: number): boolean => isDown(code) || groupOf(code) === 'going-down';

export const STOP: FollowRules = {
  shows: isStopped,
  showsTaken: (_, code) => isStopped(code),
  isAnyMoveItsWork: false,
};
