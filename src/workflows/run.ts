import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import type { WorkerFacts } from '../activities/activities.js';
import type { JobRef, LookResult, RequestAnswer, ServiceError } from '../domain/answer.js';
import type { RestartRequest } from '../domain/request.js';
import { pauseAfter } from '../domain/retry.js';
import { isDocumented } from '../domain/status.js';
import { lookAttempt, requestAttempt, waitAttempt, type WaitFor } from './attempts.js';
import { showDetails } from './details.js';
import { RestartRecord } from './record.js';
import { announceJob } from './search-attributes.js';

/** One restart under way: what was asked for, what is known, and the means to look, ask and wait. */
export class RestartRun {
  readonly record: RestartRecord;
  readonly job: JobRef;
  /** The whole ends at this instant, in milliseconds since the epoch. */
  deadlineMs: number;
  /** Told by the first look. */
  facts: WorkerFacts | undefined;
  /** A request may be at work: ModelArts took it, or it can't be known. */
  asked = false;
  /** What the last request that was not taken was answered. */
  lastError: ServiceError | undefined;
  #interrupt: (() => void) | undefined;
  #extensions = 0;

  constructor(
    readonly request: RestartRequest,
    projectId: string,
    startedAtMs: number,
  ) {
    this.job = { projectId, jobId: request.jobId };
    this.record = new RestartRecord(projectId, request, startedAtMs);
    this.deadlineMs = startedAtMs + request.timeoutMs;
  }

  get timeIsUp(): boolean {
    return Date.now() >= this.deadlineMs;
  }

  /** A look under way is made anew, at once. */
  checkNow(): void {
    this.#interrupt?.();
  }

  extendDeadline(byMs: number): number {
    this.deadlineMs = Date.now() + byMs;
    this.#extensions += 1;
    this.note(`deadline moved to ${new Date(this.deadlineMs).toISOString()}`);
    this.#interrupt?.();
    return this.deadlineMs;
  }

  /** A fresh look: it starts after this call. */
  async look(): Promise<LookResult> {
    // A 404 is waited through only where the job has been seen: it was there a moment ago.
    const goneUntilMs = this.record.last && Date.now() + this.request.settleTimeMs;
    const { look, worker } = await this.#interruptible(() =>
      lookAttempt(this.job, this.deadlineMs, goneUntilMs, this.facts?.requestTimeoutMs),
    );
    if (worker !== undefined && this.facts === undefined) {
      this.facts = worker;
      announceJob(worker.searchAttributes, this.job.jobId);
    }
    if (look.kind === 'read') this.#tell(look.reading.status.code);
    return look;
  }

  /** Waits for a change of the last status that was seen. */
  async waitForChange(
    wait: Omit<WaitFor, 'deadlineMs'> & { deadlineMs?: number },
  ): Promise<LookResult> {
    let { lookAtOnce } = wait;
    const look = await this.#interruptible(() => {
      const { deadlineMs = this.deadlineMs } = wait;
      const now = { ...wait, lookAtOnce, deadlineMs };
      const attempt = waitAttempt(this.job, this.request, now, this.facts?.requestTimeoutMs);
      lookAtOnce = true;
      return attempt;
    });
    if (look.kind === 'read') this.#tell(look.reading.status.code);
    return look;
  }

  /** Sends one request and waits for its answer, also when the restart is cancelled meanwhile. */
  async send(what: 'restart' | 'stop'): Promise<RequestAnswer> {
    const answer = await CancellationScope.nonCancellable(() =>
      requestAttempt(what, this.job, this.facts?.requestTimeoutMs),
    );
    const error = 'error' in answer ? answer.error : undefined;
    const why = error && [error.code, error.message].filter(Boolean).join(': ');
    this.note(`${what} ${answer.kind}${why === undefined ? '' : ` (${why})`}`);
    log.info(`Asked ModelArts for a ${what}`, { ...this.job, answer: answer.kind, ...error });
    return answer;
  }

  /** Pauses before the next try, until the deadline at the longest; a later deadline is taken up. */
  async pause(failures: number, retryAfterMs?: number): Promise<void> {
    const until = Date.now() + pauseAfter(failures, retryAfterMs, Math.random());
    while (Date.now() < until && !this.timeIsUp) {
      const extensions = this.#extensions;
      const ms = Math.min(until, this.deadlineMs) - Date.now();
      await condition(() => this.#extensions !== extensions, ms);
    }
  }

  note(line: string): void {
    this.record.note(Date.now(), line);
    this.show();
  }

  show(): void {
    showDetails(this.record, this.deadlineMs);
  }

  #tell(code: number): void {
    this.show();
    if (isDocumented(code)) return;
    const known = `ModelArts shows status ${code}, which it does not document; waiting goes on`;
    if (this.record.events.some((event) => event.endsWith(known))) return;
    this.note(known);
    log.warn('ModelArts shows a status that it does not document', { ...this.job, code });
  }

  /** Starts the attempt anew when somebody asks for a look at once, or moves the deadline. */
  async #interruptible<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      let interrupted = false;
      const scope = new CancellationScope();
      this.#interrupt = () => {
        interrupted = true;
        scope.cancel();
      };
      this.show();
      try {
        return await scope.run(attempt);
      } catch (error) {
        const itself = interrupted && !CancellationScope.current().consideredCancelled;
        if (!(itself && isCancellation(error))) throw error;
      } finally {
        this.#interrupt = undefined;
      }
    }
  }
}
