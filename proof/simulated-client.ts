import type { ReadAnswer, Reading, RequestAnswer, ServiceError } from '../src/domain/answer.js';
import type { Plan } from './plan.js';
import type { Service } from './service.js';
import type { VirtualTime } from './virtual-time.js';

const LONGEST_HOLD_MS = 5 * 60_000;

/** The worker's ModelArts client, with the worker's clock and its rest after a throttled answer. */
export class SimulatedClient {
  /** The worker sends nothing until then, because it was throttled. */
  #restUntil = 0;

  constructor(
    readonly time: VirtualTime,
    readonly service: Service,
    readonly plan: Plan,
  ) {}

  /** The worker's clock. */
  now(): number {
    return this.time.now + this.plan.skewMs;
  }

  /** How long the worker still sends nothing; 0 if it is not throttled. */
  get restMs(): number {
    return Math.max(0, this.#restUntil - this.now());
  }

  look(isDetail: boolean, done: (answer: ReadAnswer<Reading>) => void): void {
    const held = this.#held();
    if (held !== undefined) return this.time.after(1, () => done({ kind: 'again', ...held }));
    this.service.look(isDetail, (answer) => {
      this.#learn(answer);
      done(answer);
    });
  }

  /** Stalls, then sends a request, unless its send-by has passed or the worker rests. */
  send(
    name: 'restart' | 'stop',
    sendByMs: number,
    stallMs: number,
    done: (answer: RequestAnswer) => void,
  ): void {
    const held = this.#held();
    this.time.after(stallMs, () => {
      if (this.now() >= sendByMs) {
        return done({ kind: 'not-sent', error: { message: 'too late' } });
      }
      if (held !== undefined) {
        return done({ kind: 'not-sent', ...held, turnAtMs: this.now() + held.retryAfterMs });
      }
      this.service.send(name, (answer) => {
        this.#learn(answer);
        done(answer);
      });
    });
  }

  #held(): { error: ServiceError; retryAfterMs: number } | undefined {
    const retryAfterMs = this.restMs;
    return retryAfterMs > 0 ? { error: { message: 'held back' }, retryAfterMs } : undefined;
  }

  #learn(answer: { kind: string; error?: ServiceError; retryAfterMs?: number }): void {
    if (answer.error?.httpStatus !== 429) return;
    const restMs = Math.min(LONGEST_HOLD_MS, Math.max(1_000, answer.retryAfterMs ?? 0));
    this.#restUntil = Math.max(this.#restUntil, this.now() + restMs);
  }
}
