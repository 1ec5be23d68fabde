import type { LookResult, ReadAnswer, Reading, ServiceError } from './answer.js';
import type { JobRef } from './ids.js';
import { isDown } from './status.js';

/** What ends a wait for a change of status. All instants are milliseconds since the epoch. */
export interface ChangeWait {
  job: JobRef;
  /** The known status. Any other status is a change. */
  last: number;
  pollIntervalMs: number;
  /** Look at once, even if another look was made a moment ago. */
  lookAtOnce: boolean;
  /** Also end on an unchanged status, if a look that started at this instant or later shows it. */
  unchangedAtMs?: number;
  /** End with the first reading, whatever it shows. Makes no extra look. */
  untilRead?: boolean;
  /** End as `no-reading` if a look that started at this instant or later gives no usable answer. */
  troubleAtMs?: number;
  /** When the last look is made. The wait ends with it, whatever it shows. */
  deadlineMs: number;
  /**
   * Until `untilMs`, a change to one of `codes`, or to any status that is down, counts only when two
   * looks in a row by the detail endpoint show it.
   */
  doubt?: { codes: readonly number[]; untilMs: number };
  /** Only a change to one of these statuses ends the wait; default any. */
  decisive?: readonly number[];
  /** How long a 404 is waited through. */
  goneGraceMs: number;
}

/** A look that has been answered. */
export interface LookMade {
  /** When it was started, by the same clock as the wait's instants. */
  startedAt: number;
  /** By the detail endpoint, or by a page of the list. */
  from: 'detail' | 'list';
}

/** How a wait ends. `wait`: it goes on. `look-again`: it goes on, with a detail look at once. */
export type Verdict = LookResult | 'wait' | 'look-again';

const IN_DOUBT: ServiceError = {
  message: 'the last look showed the status before, and no time was left for a second one',
};

/** Decides after each look whether a wait for a change ends. Pure, so that the proof can use it too. */
export class ChangeJudge {
  /** The status that the last look showed, if it was a detail look and the status may be old. */
  #doubted: number | undefined;

  /** @param goneSince when an earlier attempt of this wait saw the 404s begin */
  constructor(
    readonly wait: Omit<ChangeWait, 'job' | 'lookAtOnce' | 'pollIntervalMs'>,
    public goneSince?: number | undefined,
  ) {}

  judge(answer: ReadAnswer<Reading>, { startedAt, from }: LookMade): Verdict {
    if (answer.kind === 'read') return this.#ofReading(answer.value, startedAt, from === 'detail');
    const { deadlineMs, goneGraceMs, troubleAtMs = Infinity } = this.wait;
    const { kind, error } = answer;
    if (kind === 'refused') {
      if (error.httpStatus !== 404) return { kind, error };
      this.goneSince ??= startedAt;
      if (startedAt >= this.goneSince + goneGraceMs) return { kind, error };
    }
    // A 404 that is waited through does not end at `troubleAtMs`: the next wait would restart its grace.
    const endsAt = kind === 'again' ? Math.min(troubleAtMs, deadlineMs) : deadlineMs;
    return startedAt >= endsAt ? { kind: 'no-reading', error } : 'wait';
  }

  #ofReading(reading: Reading, startedAt: number, isDetail: boolean): Verdict {
    const { last, doubt, deadlineMs, unchangedAtMs = Infinity, decisive, untilRead } = this.wait;
    this.goneSince = undefined;
    const { code } = reading.status;
    const isChange = code !== last;
    const isDoubted = doubt !== undefined && startedAt < doubt.untilMs;
    const mayBeOld = isDoubted && (doubt.codes.includes(code) || isDown(code));
    if (isChange && mayBeOld && !(isDetail && this.#doubted === code)) {
      if (startedAt >= deadlineMs) return { kind: 'no-reading', error: IN_DOUBT };
      // A row of the list is not the first of the two looks: a single old detail look would then pass.
      this.#doubted = isDetail ? code : undefined;
      return 'look-again';
    }
    this.#doubted = undefined;
    const isTime = untilRead === true || startedAt >= Math.min(unchangedAtMs, deadlineMs);
    const counts = isChange && (decisive === undefined || decisive.includes(code));
    return counts || isTime ? { kind: 'read', reading } : 'wait';
  }
}
