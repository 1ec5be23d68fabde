import type { RequestAnswer } from '../src/domain/answer.js';
import { pauseAfter, trimToDeadline } from '../src/domain/retry.js';
import type {
  Hands,
  Look,
  LookFor,
  Ongoing,
  RequestName,
  WaitFor,
} from '../src/workflows/protocol/hands.js';
import type { Plan } from './plan.js';
import type { Service } from './service.js';
import { SimulatedClient } from './simulated-client.js';
import { attemptToWait } from './simulated-wait.js';
import type { Temporal } from './temporal.js';

const LOOK_HEARTBEAT_MS = 15_000;
const WAIT_HEARTBEAT_MS = 60_000;
const SLACK_MS = 10_000;

/** A call as the workflow made it, for the judge. */
export interface Call {
  name: 'look' | 'wait' | 'pause' | RequestName;
  at: number;
  cancelled: boolean;
  /** Whether the call makes a look at once. */
  looksAtOnce: boolean;
  /** Whether the call ends with the look's reading. */
  endsWithReading: boolean;
}

/** `Hands` in the simulated world: activities of a simulated Temporal, on a worker that may die. */
export class SimulatedHands implements Hands {
  readonly calls: Call[] = [];
  cancelled = false;
  readonly #client: SimulatedClient;
  #starts = 0;

  constructor(
    readonly plan: Plan,
    readonly temporal: Temporal,
    service: Service,
    /** Called when the n-th attempt, of whatever activity, starts on the worker. */
    readonly onStart: (nth: number) => void,
  ) {
    this.#client = new SimulatedClient(temporal.time, service, plan);
  }

  now(): number {
    return this.temporal.workflowNow;
  }

  random(): number {
    return this.temporal.random.next();
  }

  isCancelled(): boolean {
    return this.cancelled;
  }

  show(): void {}

  log(): void {}

  pause(ms: number): Ongoing<unknown> {
    this.#noteCall('pause');
    return this.#ongoing((done) => this.#time.after(ms, () => done(undefined)));
  }

  look(input: LookFor): Ongoing<Look> {
    this.#noteCall('look', true, true);
    return this.#read(LOOK_HEARTBEAT_MS, input.deadlineMs, (isAlive, done) => {
      let tries = 0;
      const attempt = (): void => {
        if (!isAlive()) return;
        tries += 1;
        const startedAt = this.#client.now();
        this.#client.look(true, (answer) => {
          if (!isAlive()) return;
          if (answer.kind === 'read') return done({ kind: 'read', reading: answer.value });
          const { error } = answer;
          if (answer.kind === 'refused') return done({ kind: 'refused', error });
          const endMs = Math.min(input.deadlineMs, input.answerByMs);
          if (startedAt >= endMs) return done({ kind: 'no-reading', error });
          const pauseMs = pauseAfter(tries, answer.retryAfterMs, this.random());
          this.#time.after(trimToDeadline(pauseMs, this.#client.now(), endMs), attempt);
        });
      };
      attempt();
    });
  }

  waitForChange(input: WaitFor): Ongoing<Look> {
    this.#noteCall('wait', input.lookAtOnce, input.untilRead === true);
    const { pollIntervalMs, settleTimeMs: goneGraceMs } = this.plan.options;
    const wait = { pollIntervalMs, goneGraceMs, ...input };
    // The heartbeat details that the next attempt gets.
    const memory: { goneSince?: number | undefined } = {};
    return this.#read(WAIT_HEARTBEAT_MS, input.deadlineMs, (isAlive, done) => {
      attemptToWait(this.#client, wait, memory, isAlive, done);
    });
  }

  async send(request: RequestName, sendByMs: number): Promise<RequestAnswer> {
    this.#noteCall(request);
    const { temporal, plan } = this;
    const scheduledAt = this.#time.now;
    return new Promise((resolve) => {
      let isAnswered = false;
      const answer = (given: RequestAnswer): void => {
        if (isAnswered) return;
        isAnswered = true;
        temporal.result(() => resolve(given));
      };
      const withinMs = Math.max(1, sendByMs - this.now());
      let hasStarted = false;
      this.#time.after(withinMs, () => {
        if (!hasStarted) answer({ kind: 'not-sent', error: { message: 'no worker' } });
      });
      const lost = (): void => answer({ kind: 'ambiguous', error: { message: 'worker lost' } });
      const start = (): void => {
        if (isAnswered) return;
        if (!temporal.isUp) return temporal.whenUp(start);
        hasStarted = true;
        const { life } = temporal;
        this.#time.at(scheduledAt + withinMs + plan.exchangeMs + SLACK_MS, lost);
        temporal.onKill(() => this.#time.after(LOOK_HEARTBEAT_MS, lost));
        this.onStart((this.#starts += 1));
        // A killed worker is dead in half of all cases. Otherwise it is only cut off, and still sends.
        if (temporal.life !== life && this.random() < 0.5) return;
        const stallMs = this.random() < 0.03 ? temporal.random.whole(100, 12_000) : 0;
        this.#client.send(request, sendByMs, stallMs, (given) => {
          if (temporal.life === life) answer(given);
        });
      };
      temporal.whenUp(() => this.#time.after(this.random() < 0.05 ? 3_000 : 5, start));
    });
  }

  /** Runs an activity that looks. Starts it again after a kill, until Temporal gives it up. */
  #read(
    heartbeatMs: number,
    deadlineMs: number,
    attempt: (isAlive: () => boolean, done: (result: Look) => void) => void,
  ): Ongoing<Look> {
    const { temporal, plan } = this;
    return this.#ongoing<Look>((done, isWanted) => {
      let isAnswered = false;
      const answer = (result: Look): void => {
        if (isAnswered) return;
        isAnswered = true;
        done(result);
      };
      const untilMs = Math.max(0, deadlineMs - this.now()) + plan.exchangeMs + SLACK_MS;
      this.#time.after(untilMs, () =>
        answer({ kind: 'lost', error: { message: 'given up by Temporal' } }),
      );
      const start = (): void => {
        if (isAnswered) return;
        const { life } = temporal;
        const isAlive = (): boolean => !isAnswered && isWanted() && temporal.life === life;
        temporal.onKill(() => {
          const silentMs = heartbeatMs * (0.6 + this.random() * 0.4);
          this.#time.after(silentMs, () => temporal.whenUp(start));
        });
        this.onStart((this.#starts += 1));
        attempt(isAlive, answer);
      };
      temporal.whenUp(() => this.#time.after(5, start));
    });
  }

  #ongoing<T>(start: (done: (value: T) => void, isWanted: () => boolean) => void): Ongoing<T> {
    let isWanted = true;
    const result = new Promise<T>((resolve) => {
      const done = (value: T): void => {
        if (isWanted) this.temporal.result(() => resolve(value));
      };
      start(done, () => isWanted);
    });
    return { result, abandon: () => (isWanted = false) };
  }

  #noteCall(name: Call['name'], looksAtOnce = false, endsWithReading = false): void {
    const { cancelled } = this;
    this.calls.push({ name, at: this.#time.now, cancelled, looksAtOnce, endsWithReading });
  }

  get #time() {
    return this.temporal.time;
  }
}
