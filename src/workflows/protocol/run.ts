import type { JobRef, Reading, RequestAnswer, ServiceError } from '../../domain/answer.js';
import type { RestartRequest } from '../../domain/request.js';
import { isDocumented } from '../../domain/status.js';
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
  readonly #codesBefore = new Set<number>();
  #endsAtMs: number;
  #isStoppingOnCancel = false;
  #isLookWanted = false;
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

  /** From here on the job is followed: the restart may be at work, or none is needed. */
  beginToFollow(): void {
    this.#followedSinceMs = this.hands.now();
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

  /** Looks at the job at once, whatever is under way. */
  checkNow(): void {
    this.#isLookWanted = true;
    this.#interrupt?.();
  }

  /** Moves the deadline to now plus this; a stop on cancel keeps its own limit. */
  extendDeadline(byMs: number): number {
    const deadlineMs = this.hands.now() + byMs;
    if (!this.#isStoppingOnCancel) this.#endsAtMs = deadlineMs;
    this.note(`deadline moved to ${new Date(deadlineMs).toISOString()}`);
    this.#interrupt?.();
    return deadlineMs;
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
    const isBefore = !this.asked && !record.attached;
    if (isBefore) this.#codesBefore.add(status.code);
    if (isBefore && !this.wasStopped) record.before = status;
    if (!changed) return;
    this.#changedAtMs = this.hands.now();
    this.note(from === undefined ? `the job is ${status.name}` : `${from} → ${status.name}`);
    this.hands.log('The job changed its status', {
      ...this.job,
      from,
      status: status.name,
      code: status.code,
    });
    if (!isDocumented(status.code)) this.#noteUndocumented(status.code);
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

  /** The call's result; `undefined` where a cancellation, `checkNow` or a new deadline came first. */
  async unlessInterrupted<T>(call: () => Ongoing<T>): Promise<T | undefined> {
    this.throwIfCancelled();
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
    }
  }
}
