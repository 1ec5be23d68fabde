import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

/** The longest time from a kill until the next worker is up. */
const LONGEST_ABSENCE_MS = 40_000;

/**
 * Temporal and its one worker. Results that come together, or while the worker is away, reach the
 * workflow in one activation.
 */
export class Temporal {
  /** The workflow's clock, which stands still during an activation. */
  workflowNow: number;
  /** The number of the worker. Each kill adds one. */
  life = 1;
  readonly kills: number[] = [];
  /** When the last killed worker was replaced. */
  lastUpAt = -Infinity;
  activations = 0;
  #isUp = true;
  #isPlanned = false;
  #inbox: (() => void)[] = [];
  readonly #onUp: (() => void)[] = [];
  #onKill: (() => void)[] = [];
  /** What happens together with the n-th result. */
  readonly #withResult = new Map<number, (() => void)[]>();
  #results = 0;

  constructor(
    readonly time: VirtualTime,
    readonly random: Random,
  ) {
    this.workflowNow = time.now;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Calls `act` in the activation that brings the n-th result. */
  together(nth: number, act: () => void): void {
    this.#withResult.set(nth, [...(this.#withResult.get(nth) ?? []), act]);
  }

  /** Delivers the result of a call to the workflow. */
  result(tell: () => void): void {
    this.#results += 1;
    const others = this.#withResult.get(this.#results) ?? [];
    const isFirst = this.random.chance(0.5);
    this.deliver(...(isFirst ? [...others, tell] : [tell, ...others]));
  }

  /** Calls each `tell` in the workflow's next activation. */
  deliver(...tell: (() => void)[]): void {
    this.#inbox.push(...tell);
    this.#planActivation();
  }

  whenUp(act: () => void): void {
    if (this.#isUp) act();
    else this.#onUp.push(act);
  }

  /** Calls `act` at the next kill. */
  onKill(act: () => void): void {
    this.#onKill.push(act);
  }

  /** Kills the worker, whose work in progress is lost. Another worker is up after a while. */
  kill(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.life += 1;
    this.kills.push(this.time.now);
    for (const act of this.#onKill.splice(0)) act();
    this.time.after(this.random.whole(200, LONGEST_ABSENCE_MS), () => {
      this.#isUp = true;
      this.lastUpAt = this.time.now;
      for (const act of this.#onUp.splice(0)) act();
      this.#planActivation();
    });
  }

  #planActivation(): void {
    if (!this.#isUp || this.#isPlanned || this.#inbox.length === 0) return;
    this.#isPlanned = true;
    this.time.after(this.random.whole(1, 15), () => {
      this.#isPlanned = false;
      if (!this.#isUp) return;
      this.activations += 1;
      this.workflowNow = this.time.now;
      for (const tell of this.#inbox.splice(0)) tell();
    });
  }
}
