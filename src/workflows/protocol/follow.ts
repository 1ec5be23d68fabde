import type { ServiceError } from '../../domain/answer.js';
import { STATUS } from '../../domain/status.js';
import type { RequestRow } from './requests.js';
import type { RestartRun } from './run.js';
import { waitForChange } from './wait.js';

/** What is followed: a job after a request, or one that needs none. */
export interface Followed {
  request: RequestRow;
  /** ModelArts took the request, or none was needed. Otherwise only the job can tell. */
  taken: boolean;
  /** The status right before the request: readings of it may be old until the job has moved. */
  baseline?: number | undefined;
  /** `run.changes` right before the request. */
  changesBefore: number;
  /** A request that does not show by then has moved nothing. In milliseconds since the epoch. */
  settledAtMs: number;
  /** Statuses at which following ends. */
  endsAt: (code: number) => boolean;
  /** Statuses that may be from before the request, though they are not the baseline: they count once it is settled. */
  mayBeBefore?: (code: number) => boolean;
}

/**
 * How following ended; the job's status is `record.last`.
 *
 * - `arrived`: at a status where it ends.
 * - `settled`: the request does not show, and has had its time.
 * - `time-up`: the last look was made. `refused`: looks are refused for good.
 */
export interface FollowEnd {
  kind: 'arrived' | 'settled' | 'time-up' | 'refused';
  /** Whether the request is known to have been taken. */
  taken: boolean;
  error?: ServiceError;
}

/** Follows the job through its changes until one of them, the settle time or the deadline decides. */
export async function follow(run: RestartRun, followed: Followed): Promise<FollowEnd> {
  const { request, baseline, settledAtMs, endsAt, mayBeBefore = () => false } = followed;
  let { taken } = followed;
  let isUnderWay = false;
  let lookedAt = -Infinity;
  for (;;) {
    const { code } = run.record.last!;
    const moved = baseline !== undefined && run.changes > followed.changesBefore;
    taken ||= moved && request.showsTaken(run.record, code);
    isUnderWay ||= moved && request.shows(code);
    const isOld = !moved && code === baseline;
    const isOver = lookedAt >= Math.min(settledAtMs, run.endsAtMs);
    const isInDoubt = !isUnderWay && mayBeBefore(code) && !isOver;
    if (!isOld && !isInDoubt && endsAt(code)) return { kind: 'arrived', taken };
    const isAtWork = !isOld && !isInDoubt && (request.isAnyMoveItsWork || request.shows(code));
    if (!isAtWork && lookedAt >= settledAtMs) return { kind: 'settled', taken };
    // A look that began before the deadline is not the last one, however late its answer came.
    if (lookedAt >= run.endsAtMs) return { kind: 'time-up', taken };

    const seen = await waitForChange(run, {
      lookAtOnce: lookedAt === -Infinity,
      ...(!isAtWork && { unchangedAtMs: settledAtMs }),
      ...(run.record.changesTooOften && { decisive: CODES.filter(endsAt) }),
    });
    if (seen.kind === 'refused') return { kind: 'refused', taken, error: seen.error };
    if (seen.kind === 'no-reading') return { kind: 'time-up', taken, error: seen.error };
    run.saw(seen.reading);
    // The worker's clock may be ahead of ours.
    lookedAt = Math.min(seen.reading.lookedAt, run.hands.now());
  }
}

const CODES = Object.keys(STATUS).map(Number);
