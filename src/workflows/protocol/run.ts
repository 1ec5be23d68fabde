import {
  type Reading,
  type RequestAnswer,
  type ServiceError,
  withCode,
} from '../../domain/answer.js';
import type { JobRef } from '../../domain/ids.js';
import type { RestartOptions } from '../../domain/options.js';
import { CLOCKS_DIFFER_MS } from '../../domain/temporal-clock.js';
import { isDocumented, isDown, isStartingOrUp } from '../../domain/status.js';
import { type Hands, Interruption, type Ongoing, type RequestName, type WaitFor } from './hands.js';
import { RestartRecord } from './record.js';

/** A request is dropped if no worker has begun to send it within this time. */
const SEND_WITHIN_MS = 10_000;

const KILLING = 9;

/** Thrown by each send and each wait once the restart is cancelled. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** One restart under way: its options, what is known, and the means to look, wait and send. */
export class RestartRun {
  readonly record: RestartRecord;
  readonly job: JobRef;
  /** A restart request may be at work: ModelArts took it, or that can't be known. */
  restartMayBeTaken = false;
  /** A stop may have been taken before the restart, so later readings do not go into `record.before`. */
  mayHaveBeenStopped = false;
  /** Whether the stop on cancel was seen to its end; absent where there was none. */
  stoppedOnCancel: boolean | undefined;
  /** The status right before the restart request. */
  baseline: number | undefined;
  /** The error of the last restart request, unless it was accepted. */
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
  readonly #interruption = new Interruption();

  constructor(
    readonly options: RestartOptions,
    projectId: string,
    startedAtMs: number,
    readonly hands: Hands,
  ) {
    this.job = { projectId, jobId: options.jobId };
    this.record = new RestartRecord(projectId, options, startedAtMs);
    this.#endsAtMs = startedAtMs + options.timeoutMs;
  }

  /** When the last look is made: at the deadline, or when a stop on cancel is given up. */
  get endsAtMs(): number {
    return this.#endsAtMs;
  }

  get isTimeUp(): boolean {
    return this.hands.now() >= this.#endsAtMs;
  }

  /** Called before each send and each wait. A stop on cancel goes on. */
  throwIfCancelled(): void {
    if (this.hands.isCancelled() && !this.#isStoppingOnCancel) throw new Cancelled();
  }

  /** Ends whatever waits, because somebody has cancelled the restart. */
  cancel(): void {
    if (!this.#isStoppingOnCancel) this.#interruption.interrupt();
  }

  /**
   * Which statuses may be old readings, and until when: the statuses seen before the request, for the
   * settle time after following began and after each change.
   */
  get doubt(): WaitFor['doubt'] {
    if (this.#followedSinceMs === undefined) return undefined;
    const sinceMs = Math.max(this.#followedSinceMs, this.#changedAtMs);
    const untilMs = sinceMs + this.options.settleTimeMs + CLOCKS_DIFFER_MS;
    // A job that is down may have been KILLING shortly before, without any look showing it.
    return { codes: [...this.#codesBefore, KILLING], untilMs };
  }

  /** Readings may be old from here on: a request may be at work, or the restart has attached. */
  beginToFollow(): void {
    this.#followedSinceMs = this.hands.now();
  }

  /** Notes that ModelArts may have taken a stop. */
  noteStopMayBeTaken(): void {
    if (!this.restartMayBeTaken) this.mayHaveBeenStopped = true;
    this.beginToFollow();
  }

  /** Whether a change to this status needs a second look. */
  isInDoubt(code: number): boolean {
    const { doubt } = this;
    if (doubt === undefined || this.hands.now() >= doubt.untilMs) return false;
    return code !== this.record.last?.code && (doubt.codes.includes(code) || isDown(code));
  }

  /** Whether this status may be an old reading, from before the restart request. */
  mayBeOld(code: number): boolean {
    const { doubt } = this;
    const wasBefore = this.#codesBefore.has(code) || (this.mayHaveBeenStopped && code === KILLING);
    if (!this.restartMayBeTaken || doubt === undefined || !wasBefore) return false;
    return !this.record.moved || this.hands.now() < doubt.untilMs;
  }

  /** From here on the cancelled restart stops the job, until this instant at the latest. */
  beginStopOnCancel(limitMs: number): void {
    this.#isStoppingOnCancel = true;
    this.#endsAtMs = limitMs;
  }

  /** Has a look made at once. Does not interrupt a look that an earlier `checkNow` asked for. */
  checkNow(): void {
    this.#interruption.wantLook();
  }

  /** The restart is cancelled and stops the job, so the deadline can't be moved any more. */
  get isStoppingOnCancel(): boolean {
    return this.#isStoppingOnCancel;
  }

  /** Moves the deadline to `byMs` from now, and returns it. */
  extendDeadline(byMs: number): number {
    this.#endsAtMs = this.hands.now() + byMs;
    this.note(`deadline moved to ${new Date(this.#endsAtMs).toISOString()}`);
    this.#interruption.interrupt();
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
    this.note(`${request} ${answer.kind}${error === undefined ? '' : ` (${withCode(error)})`}`);
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
    const isTransition =
      changed && from !== undefined && (this.restartMayBeTaken || record.attached);
    if (isTransition) record.moveTo(reading);
    else record.saw(reading);
    this.lastReading = reading;
    const isBefore = !this.restartMayBeTaken && !record.attached;
    if (isBefore) this.#codesBefore.add(status.code);
    if (isBefore && !this.mayHaveBeenStopped) record.before = status;
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

  /** A job that was down is starting or up, so ModelArts took the request, although its answer got lost. */
  #showsTheRestart(code: number): boolean {
    if (!this.restartMayBeTaken || this.record.acceptedAt !== undefined) return false;
    return isDown(this.baseline!) && isStartingOrUp(code);
  }

  /** Whether `checkNow` came since the last look began. Resets it, because the caller looks now. */
  takeLookWanted(): boolean {
    return this.#interruption.takeLookWanted();
  }

  /** Looks have failed for a while. Shows why, until one succeeds. */
  showTrouble(error: ServiceError): void {
    const isNews = this.record.trouble === undefined;
    this.record.trouble = error;
    if (isNews) this.note(`looks fail: ${error.message}; they go on`);
    else this.hands.show();
  }

  endTrouble(): void {
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
   * The call's result; `undefined` if a cancellation or a new deadline came first. A `checkNow` also
   * interrupts the call, unless it is a wanted look (`isWantedLook`) already.
   */
  async unlessInterrupted<T>(call: () => Ongoing<T>, isWantedLook = false): Promise<T | undefined> {
    this.throwIfCancelled();
    const ongoing = call();
    this.hands.show();
    return this.#interruption.unlessInterrupted(ongoing, isWantedLook);
  }
}
