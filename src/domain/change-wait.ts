import type { JobRef, LookResult, ReadAnswer, Reading, ServiceError } from './answer.js';

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
  /** The last look is made now; then the wait ends, whatever was seen. */
  deadlineMs: number;
  /** Until then a return to one of these statuses counts only when the detail endpoint shows it in a second look. */
  doubt?: { codes: readonly number[]; untilMs: number };
  /** Only these statuses end the wait; other changes are passed over. */
  decisive?: readonly number[];
  /** How long a 404 is waited through. */
  goneGraceMs: number;
  /** A look that fails at this instant or later ends the wait with its error, so that it can be shown. */
  troubleAtMs?: number;
  /** End on the first reading: looks have failed, and that they work again is news. */
  untilRead?: boolean;
}

/** What an attempt of a wait keeps for the next one, should its worker go away. */
export interface WaitMemory {
  /** When the 404s began, in milliseconds since the epoch. */
  goneSinceMs?: number;
  /** Why the last look gave no reading; the Temporal UI shows it with the pending activity. */
  lastError?: string;
}

/** A look whose answer has come. */
export interface LookMade {
  /** When it was started, in milliseconds since the epoch. */
  startedAt: number;
  /** By the detail endpoint, at this job alone; otherwise by a page of the list. */
  isDetail: boolean;
}

const IN_DOUBT: ServiceError = {
  message: 'the last look showed the status before, and no time was left for a second one',
};

/** How the wait ends; `wait` to go on, `look-again` for a look by the detail endpoint at once. */
export type Verdict = LookResult | 'wait' | 'look-again';

/** Judges the looks of one wait: whether it ends, and as what. Pure, so that the proof judges by it too. */
export class ChangeJudge {
  #isInDoubt = false;

  /** @param memory kept up to date */
  constructor(
    readonly wait: ChangeWait,
    readonly memory: WaitMemory = {},
  ) {}

  /** Judges the answer of one look. */
  judge(answer: ReadAnswer<Reading>, look: LookMade): Verdict {
    return answer.kind === 'read'
      ? this.#ofReading(answer.value, look)
      : this.#ofFailure(answer, look);
  }

  #ofReading(reading: Reading, { startedAt, isDetail }: LookMade): Verdict {
    const { last, doubt, deadlineMs, unchangedAtMs = Infinity, decisive, untilRead } = this.wait;
    delete this.memory.goneSinceMs;
    delete this.memory.lastError;
    const { code } = reading.status;
    const isChange = code !== last;
    const mayBeOld = doubt !== undefined && doubt.codes.includes(code) && startedAt < doubt.untilMs;
    if (isChange && mayBeOld && !(this.#isInDoubt && isDetail)) {
      if (startedAt >= deadlineMs) return { kind: 'no-reading', error: IN_DOUBT };
      // A row of the list is no first look: one old row and one old look would do.
      this.#isInDoubt = isDetail;
      return 'look-again';
    }
    this.#isInDoubt = false;
    const isTime = startedAt >= Math.min(unchangedAtMs, deadlineMs) || untilRead === true;
    const tells = isChange && (decisive === undefined || decisive.includes(code));
    return tells || isTime ? { kind: 'read', reading } : 'wait';
  }

  #ofFailure(
    { kind, error }: Exclude<ReadAnswer<Reading>, { kind: 'read' }>,
    { startedAt }: LookMade,
  ): Verdict {
    const { deadlineMs, goneGraceMs, troubleAtMs = Infinity } = this.wait;
    this.memory.lastError = error.message;
    if (kind === 'refused') {
      if (error.httpStatus !== 404) return { kind: 'refused', error };
      this.memory.goneSinceMs ??= startedAt;
      if (startedAt >= this.memory.goneSinceMs + goneGraceMs) return { kind: 'refused', error };
    }
    const isOver = startedAt >= Math.min(deadlineMs, troubleAtMs);
    return isOver ? { kind: 'no-reading', error } : 'wait';
  }
}
