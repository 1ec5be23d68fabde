import type { JobRef, Reading, RequestAnswer, ServiceError } from '../../domain/answer.js';
import type { RestartRequest } from '../../domain/request.js';
import { isDocumented, isDown, isStartingOrUp } from '../../domain/status.js';
import type { Hands, Ongoing, RequestName, WaitFor } from './hands.js';
import { RestartRecord } from './record.js';

/** A request that no worker has begun to send within this time is not sent any more. */
const SEND_WITHIN_MS = 10_000;

/** How far a worker's clock may be from Temporal's, before old readings are taken for new ones. */
const CLOCKS_DIFFER_MS = 5_000;

const KILLING = 9;

/** Thrown out of whatever waits, once the restart is cancelled. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** One restart under way: its options, what is known, and the means to look, wait and send. */
export class RestartRun {
  readonly record: RestartRecord;
  readonly job: JobRef;
  /** A restart request may be at work: ModelArts took it, or that can't be known. */
  asked = false;
  /** A stop may have been taken before the restart: what is seen from then on is not the status before it. */
  wasStopped = false;
  /** Whether the stop on cancel was seen to its end; absent where there was none. */
  stoppedOnCancel: boolean | undefined;
  /** The status right before the restart request. */
  baseline: number | undefined;
  /** What the last restart request that was not taken was answered. */
  lastError: ServiceError | undefined;
  #followedSinceMs: number | undefined;
  #changedAtMs = 0;
  /** How often the job has been seen to change its status. */
  changes = 0;
  /** `changes` right before the restart request. */
  changesBefore = 0;
  /** The last reading that was recorded. */
  lastReading: Reading | undefined;
  readonly #codesBefore = new Set<number>();
  #endsAtMs: number;
  #isStoppingOnCancel = false;
  #isLookWanted = false;
  #isWantedLookUnderWay = false;
  #interrupt: (() => void) | undefined;

  constructor(
    readonly options: RestartRequest,
    projectId: string,
    startedAtMs: number,
    readonly hands: Hands,
  ) {
    this.job = { projectId, jobId: options.jobId };
    this.record = new RestartRecord(projectId, options, startedAtMs);
    this.#endsAtMs = startedAtMs + options.timeoutMs;
  }

  /** The last look is made now: at the deadline, or when a stop on cancel is given up. */
  get endsAtMs(): number {
    return this.#endsAtMs;
  }

  get isTimeUp(): boolean {
    return this.hands.now() >= this.#endsAtMs;
  }

  /** Nothing is sent, and nothing is waited for, once the restart is cancelled. */
  throwIfCancelled(): void {
    if (this.hands.isCancelled() && !this.#isStoppingOnCancel) throw new Cancelled();
  }

  /** Somebody has cancelled the restart: whatever waits ends. */
  cancel(): void {
    if (!this.#isStoppingOnCancel) this.#interrupt?.();
  }

  /**
   * Statuses that may be old readings, and until when: those from before the job was followed, for
   * the settle time after that and after each change.
   */
  get doubt(): WaitFor['doubt'] {
    if (this.#followedSinceMs === undefined) return undefined;
    const sinceMs = Math.max(this.#followedSinceMs, this.#changedAtMs);
    const untilMs = sinceMs + this.options.settleTimeMs + CLOCKS_DIFFER_MS;
    // Where the job was stopped first, nobody may have seen it go down.
    const codes = this.wasStopped ? [...this.#codesBefore, KILLING] : [...this.#codesBefore];
    return { codes, untilMs };
  }

  /** From here on the job is followed: a request may be at work, or none is needed. */
  beginToFollow(): void {
    this.#followedSinceMs = this.hands.now();
  }

  /** What is seen from here on is not the status before anything was done. */
  stopMayBeTaken(): void {
    if (!this.asked) this.wasStopped = true;
    this.beginToFollow();
  }

  /** Does a change to this status need a second look? */
  isInDoubt(code: number): boolean {
    const { doubt } = this;
    if (doubt === undefined || this.hands.now() >= doubt.untilMs) return false;
    return code !== this.record.last?.code && (doubt.codes.includes(code) || isDown(code));
  }

  /** May this status be an old reading, from before the restart request? */
  mayBeOld(code: number): boolean {
    const { doubt } = this;
    if (!this.asked || doubt?.codes.includes(code) !== true) return false;
    return !this.record.moved || this.hands.now() < doubt.untilMs;
  }

  /** From here on the cancelled restart stops the job, until this instant at the latest. */
  beginStopOnCancel(limitMs: number): void {
    this.#isStoppingOnCancel = true;
    this.#endsAtMs = limitMs;
  }

  /** Looks at the job at once. A look that was asked for before, and is under way, is not given up for it. */
  checkNow(): void {
    this.#isLookWanted = true;
    if (!this.#isWantedLookUnderWay) this.#interrupt?.();
  }

  /** The deadline can't be moved any more: the restart is cancelled, and stops the job. */
  get isStoppingOnCancel(): boolean {
    return this.#isStoppingOnCancel;
  }

  /** Moves the deadline to now plus this. */
  extendDeadline(byMs: number): number {
    this.#endsAtMs = this.hands.now() + byMs;
    this.note(`deadline moved to ${new Date(this.#endsAtMs).toISOString()}`);
    this.#interrupt?.();
    return this.#endsAtMs;
  }

  /** Sends a request and waits for its answer, unless it is too late for that. */
  async send(request: RequestName): Promise<RequestAnswer> {
    this.throwIfCancelled();
    if (this.isTimeUp) {
      return { kind: 'not-sent', error: { message: `the time was up before the ${request}` } };
    }
    const sendByMs = Math.min(this.hands.now() + SEND_WITHIN_MS, this.#endsAtMs);
    const answer = await this.hands.send(request, sendByMs);
    const error = 'error' in answer ? answer.error : undefined;
    const why = error && [error.code, error.message].filter(Boolean).join(': ');
    this.note(`${request} ${answer.kind}${why === undefined ? '' : ` (${why})`}`);
    this.hands.log(`Asked ModelArts for a ${request}`, {
      ...this.job,
      answer: answer.kind,
      ...error,
    });
    return answer;
  }

  /** Records a reading; a change after the restart request is a transition. */
  saw(reading: Reading): void {
    const { record } = this;
    const { status } = reading;
    const from = record.last?.name;
    const changed = record.last?.code !== status.code;
    const isTransition = changed && from !== undefined && (this.asked || record.attached);
    if (isTransition) record.moveTo(reading);
    else record.saw(reading);
    this.lastReading = reading;
    const isBefore = !this.asked && !record.attached;
    if (isBefore) this.#codesBefore.add(status.code);
    if (isBefore && !this.wasStopped) record.before = status;
    if (!changed) return;
    if (from === undefined) this.note(`the job is ${status.name}`);
    else this.#moved(from, reading);
    if (!isDocumented(status.code)) this.#noteUndocumented(status.code);
  }

  #moved(from: string, { status, lookedAt }: Reading): void {
    this.changes += 1;
    this.#changedAtMs = this.hands.now();
    this.note(`${from} → ${status.name}`);
    if (this.#showsTheRestart(status.code)) {
      this.record.accept(lookedAt);
      this.note('the job moved: ModelArts had taken the request');
    }
    this.hands.log('The job changed its status', {
      ...this.job,
      from,
      status: status.name,
      code: status.code,
    });
  }

  /** A job that was down before a request whose answer got lost starts: the request had been taken. */
  #showsTheRestart(code: number): boolean {
    if (!this.asked || this.record.acceptedAt !== undefined) return false;
    return isDown(this.baseline!) && isStartingOrUp(code);
  }

  /** Whether somebody has asked for a look since the last one began; a look begins now. */
  takeLookWanted(): boolean {
    const wanted = this.#isLookWanted;
    this.#isLookWanted = false;
    return wanted;
  }

  /** Looks have failed for a while: shown until one works. */
  looksFail(error: ServiceError): void {
    const isNews = this.record.trouble === undefined;
    this.record.trouble = error;
    if (isNews) this.note(`looks fail: ${error.message}; they go on`);
    else this.hands.show();
  }

  looksWork(): void {
    if (this.record.trouble === undefined) return;
    this.record.trouble = undefined;
    this.note('looks work again');
  }

  note(line: string): void {
    this.record.note(this.hands.now(), line);
    this.hands.show();
  }

  #noteUndocumented(code: number): void {
    const line = `ModelArts shows status ${code}, which it does not document; waiting goes on`;
    if (!this.record.events.some((event) => event.endsWith(line))) this.note(line);
  }

  /**
   * The call's result; `undefined` where a cancellation or a new deadline came first, or a `checkNow`
   * and the call is not the look that an earlier one has asked for.
   */
  async unlessInterrupted<T>(call: () => Ongoing<T>, isWantedLook = false): Promise<T | undefined> {
    this.throwIfCancelled();
    this.#isWantedLookUnderWay = isWantedLook;
    const ongoing = call();
    const interrupted = new Promise<undefined>((resolve) => {
      this.#interrupt = () => {
        ongoing.abandon();
        resolve(undefined);
      };
    });
    this.hands.show();
    try {
      return await Promise.race([ongoing.result, interrupted]);
    } finally {
      this.#interrupt = undefined;
      this.#isWantedLookUnderWay = false;
    }
  }
}
