import type { JobRef, LookResult, ReadAnswer, Reading, ServiceError } from './answer.js';
import { isDown } from './status.js';

/** What a wait for a change of status ends on. All instants are milliseconds since the epoch. */
export interface ChangeWait {
  job: JobRef;
  /** The status that is known: another one is the change. */
  last: number;
  pollIntervalMs: number;
  /** Look at once, also where another look was made a moment ago. */
  lookAtOnce: boolean;
  /** End on an unchanged status too, once a look that started at this instant or later showed it. */
  unchangedAtMs?: number;
  /** End with the first reading, whatever it shows. No look is made for it that is not due. */
  untilRead?: boolean;
  /** End as `no-reading` with a look that started at this instant or later and gave no usable answer. */
  troubleAtMs?: number;
  /** The last look is made now; then the wait ends, whatever was seen. */
  deadlineMs: number;
  /**
   * Until then a change to one of these statuses, or to any that is down, counts only when two looks
   * of the detail endpoint in a row show it.
   */
  doubt?: { codes: readonly number[]; untilMs: number };
  /** Only a change to one of these statuses ends the wait; default any. */
  decisive?: readonly number[];
  /** How long a 404 is waited through. */
  goneGraceMs: number;
}

/** A look whose answer has come. */
export interface LookMade {
  /** When it was started, by the same clock as the wait's instants. */
  startedAt: number;
  /** By the detail endpoint, or by a page of the list. */
  from: 'detail' | 'list';
}

/** How a wait ends; or `wait`: it goes on; `look-again`: it goes on with a look by the detail endpoint at once. */
export type Verdict = LookResult | 'wait' | 'look-again';

const IN_DOUBT: ServiceError = {
  message: 'the last look showed the status before, and no time was left for a second one',
};

/** Decides after each look whether a wait for a change ends. Pure: the proof of the protocol uses it too. */
export class ChangeJudge {
  /** What the last look of the detail endpoint showed, where that may be old. */
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
    // A 404 that is waited through is no trouble: a new wait would begin its grace anew.
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
      // A row of the list raises the doubt, but is no first look: with one old look it would pass.
      this.#doubted = isDetail ? code : undefined;
      return 'look-again';
    }
    this.#doubted = undefined;
    const isTime = untilRead === true || startedAt >= Math.min(unchangedAtMs, deadlineMs);
    const counts = isChange && (decisive === undefined || decisive.includes(code));
    return counts || isTime ? { kind: 'read', reading } : 'wait';
  }
}
