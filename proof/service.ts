import type { ReadAnswer, Reading, RequestAnswer, ServiceError } from '../src/domain/answer.js';
import { statusOf } from '../src/domain/status.js';
import type { Job } from './job.js';
import type { Plan } from './plan.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

/** The ways in which an exchange can go wrong, each with its weight. */
const FAULTS = {
  'request-lost': 3,
  'answer-lost': 4,
  'late-delivery': 1,
  'not-connected': 3,
  throttled: 4,
  unavailable: 1,
  unusable: 2,
  refused: 0.3,
} as const;

type Fault = keyof typeof FAULTS;

/** A request for a restart or a stop that was sent, for the judge. */
export interface SentRequest {
  name: 'restart' | 'stop';
  at: number;
  answer: RequestAnswer['kind'] | 'pending';
  /** The status that a refusal names. */
  jobStatus?: number;
}

/** ModelArts and the network to it, which delays and loses requests and answers. */
export class Service {
  readonly sent: SentRequest[] = [];
  /** When each look that gave a reading was started. */
  readonly readingsFrom: number[] = [];
  looksRefused = 0;
  readonly faults: { at: number; fault: Fault }[] = [];
  #newestShown = -Infinity;
  #wentBack = false;
  #outageFault: Fault | undefined;

  constructor(
    readonly time: VirtualTime,
    readonly random: Random,
    readonly plan: Plan,
    readonly job: Job,
    readonly startedAt: number,
  ) {}

  /** Looks at the job; `lookedAt` is by the worker's clock. */
  look(isDetail: boolean, done: (answer: ReadAnswer<Reading>) => void): void {
    const { time, plan } = this;
    const lookedAt = time.now + plan.skewMs;
    const startedAt = time.now;
    const fault = this.#fault('look');
    const error = errorOf(fault);
    switch (fault) {
      case undefined:
        return this.#travels(() => {
          const status = statusOf(this.#view(isDetail));
          this.#travels(() => {
            this.readingsFrom.push(startedAt);
            done({ kind: 'read', value: { status, lookedAt } });
          });
        });
      case 'refused':
        this.looksRefused += 1;
        return this.#travels(() => done({ kind: 'refused', error }));
      case 'throttled':
      case 'unavailable':
        return this.#travels(() => done({ kind: 'again', error, ...this.#retryAfter(fault) }));
      case 'not-connected':
      case 'unusable':
        return this.#travels(() => done({ kind: 'again', error }));
      case 'request-lost':
      case 'answer-lost':
      case 'late-delivery':
        return time.after(plan.exchangeMs, () => done({ kind: 'again', error }));
    }
  }

  /** Sends a request, which may reach the job even if its answer never comes. */
  send(name: 'restart' | 'stop', done: (answer: RequestAnswer) => void): void {
    const { time, plan, random } = this;
    const sent: SentRequest = { name, at: time.now, answer: 'pending' };
    this.sent.push(sent);
    const answer = (given: RequestAnswer): void => {
      sent.answer = given.kind;
      if (given.kind === 'refused' && given.jobStatus !== undefined)
        sent.jobStatus = given.jobStatus;
      done(given);
    };
    const fault = this.#fault('request');
    const error = errorOf(fault);
    switch (fault) {
      case undefined:
        return this.#travels(() => {
          const given = this.#carryOut(name);
          this.#travels(() => answer(given));
        });
      case 'request-lost':
        return time.after(plan.exchangeMs, () => answer({ kind: 'ambiguous', error }));
      case 'answer-lost':
      case 'unusable':
        return this.#travels(() => {
          this.#carryOut(name);
          const afterMs = random.chance(0.5) ? 10 : plan.exchangeMs;
          time.after(afterMs, () => answer({ kind: 'ambiguous', error }));
        });
      case 'late-delivery':
        time.after(plan.exchangeMs + random.whole(0, 30_000), () => this.#carryOut(name));
        return time.after(plan.exchangeMs, () => answer({ kind: 'ambiguous', error }));
      case 'refused':
        return this.#travels(() => answer({ kind: 'refused', error }));
      case 'throttled':
      case 'unavailable':
        return this.#travels(() => answer({ kind: 'not-sent', error, ...this.#retryAfter(fault) }));
      case 'not-connected':
        return this.#travels(() => answer({ kind: 'not-sent', error }));
    }
  }

  #carryOut(name: 'restart' | 'stop'): RequestAnswer {
    const decision = name === 'restart' ? this.job.restart() : this.job.stop();
    if (decision.taken) return { kind: 'accepted' };
    const { jobStatus } = decision;
    const error = { code: 'ModelArts.0105', message: `can't be done. job status: ${jobStatus}` };
    return { kind: 'refused', error, ...(this.random.chance(0.8) && { jobStatus }) };
  }

  /**
   * Returns the status that an answer shows, which may be stale. A row of the list may be older
   * than what was shown before. The detail endpoint goes back in time for one look in a row at most.
   */
  #view(isDetail: boolean): number {
    const { time, random, plan, job } = this;
    const lag = random.chance(plan.stale) ? random.next() * plan.longestLagMs : 0;
    const at = time.now - lag;
    const isOlder = at < this.#newestShown;
    const goesBack = isOlder && (!isDetail || (!this.#wentBack && random.chance(0.3)));
    if (isDetail) this.#wentBack = goesBack;
    if (goesBack) return job.statusAt(at);
    this.#newestShown = Math.max(this.#newestShown, at);
    return job.statusAt(this.#newestShown);
  }

  #fault(of: 'look' | 'request'): Fault | undefined {
    const { time, random, plan, startedAt } = this;
    const sinceMs = time.now - startedAt;
    const { outage } = plan;
    let fault: Fault | undefined;
    const isOut = outage !== undefined && sinceMs >= outage.fromMs && sinceMs < outage.toMs;
    if (isOut && (of === 'request' || !outage.ofRequestsAlone)) {
      this.#outageFault ??= outage.ofRequestsAlone
        ? random.pick(['throttled', 'not-connected'])
        : random.weighted({ ...FAULTS, refused: 0, 'late-delivery': 0 });
      fault = this.#outageFault;
    } else if (random.chance(plan.faults)) fault = random.weighted(FAULTS);
    if (fault !== undefined) this.faults.push({ at: time.now, fault });
    return fault;
  }

  #retryAfter(fault: 'throttled' | 'unavailable'): { retryAfterMs?: number } {
    if (fault === 'unavailable' || this.random.chance(0.5)) return {};
    return { retryAfterMs: this.random.pick([1, 5, 30, 600]) * 1_000 };
  }

  #travels(arrive: () => void): void {
    this.time.after(this.random.whole(2, 150), arrive);
  }
}

function errorOf(fault: Fault | undefined): ServiceError {
  const message = fault ?? '';
  if (fault === 'throttled') return { code: 'APIGW.0308', message, httpStatus: 429 };
  if (fault === 'refused') return { code: 'ModelArts.0108', message, httpStatus: 403 };
  return { message };
}
