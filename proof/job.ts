import { groupOf, isDown, isStartingOrUp } from '../src/domain/status.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

/** A status that the job truly had, from this instant on. */
export interface Truth {
  at: number;
  code: number;
}

/** How the service decides on a request that reached it. */
export type Decision = { taken: true } | { taken: false; jobStatus: number };

const FAILURES = [3, 5, 11, 14, 16, 17, 21];

/** The job's true state. Only the service sees it during the run; the judge reads it afterwards. */
export class Job {
  readonly truth: Truth[];
  /** When the job carried out a restart that the protocol asked for. */
  readonly restartsTaken: number[] = [];
  readonly stopsTaken: number[] = [];
  /** When somebody else moved the job. */
  readonly otherHands: number[] = [];
  /** Counts the job's stories. A planned move is void once a newer story has begun. */
  #story = 0;

  constructor(
    readonly time: VirtualTime,
    readonly random: Random,
    status: number,
  ) {
    this.truth = [{ at: -Infinity, code: status }];
    if (groupOf(status) === 'going-down') this.#play([[random.whole(100, 20_000), 12]]);
    if (groupOf(status) === 'starting') this.#play([[random.whole(100, 60_000), 8]]);
  }

  get status(): number {
    return this.truth.at(-1)!.code;
  }

  statusAt(instant: number): number {
    const index = this.truth.findLastIndex(({ at }) => at <= instant);
    return this.truth[Math.max(0, index)]!.code;
  }

  restart(): Decision {
    const { status, random } = this;
    const isOdd = groupOf(status) === 'odd';
    const takes = isDown(status) ? !random.chance(0.03) : random.chance(isOdd ? 0.5 : 0.03);
    if (!takes) return { taken: false, jobStatus: random.chance(0.05) ? 12 : status };
    this.restartsTaken.push(this.time.now);
    this.#restartStory();
    return { taken: true };
  }

  stop(): Decision {
    const { status, random } = this;
    if (!isStartingOrUp(status)) return { taken: false, jobStatus: status };
    this.stopsTaken.push(this.time.now);
    // A stop may be taken and do nothing. No document describes that; a careful client survives it.
    if (random.chance(0.03)) return { taken: true };
    const downAfterMs = random.whole(0, 20_000);
    const goesThrough9 = random.chance(0.8);
    const late = random.pick([0, 0, random.whole(0, 30_000), random.whole(0, 150_000)]);
    this.#play([
      ...(goesThrough9 ? [[late, 9] as [number, number]] : []),
      [late + downAfterMs, 12],
    ]);
    return { taken: true };
  }

  /** Moves the job without a request: somebody else starts or stops it, or it ends by itself. */
  otherHand(): void {
    this.otherHands.push(this.time.now);
    if (isStartingOrUp(this.status)) this.#play([[0, this.random.pick([9, 12, 10, 11])]]);
    else this.#restartStory();
  }

  #restartStory(): void {
    const { random } = this;
    // The job may keep its old status for a while, although the request was taken.
    const late = random.pick([0, 0, random.whole(0, 5_000), random.whole(0, 40_000)]);
    const upAfterMs = late + random.whole(500, 60_000);
    const starting: [number, number][] = random.chance(0.9) ? [[late, random.pick([1, 4, 7])]] : [];
    const end = random.weighted({ up: 70, fails: 8, ends: 6, flaps: 4, nothing: 5, completes: 7 });
    switch (end) {
      case 'up':
        return this.#play([...starting, [upAfterMs, 8]]);
      case 'fails':
        return this.#play([...starting, [upAfterMs, random.pick(FAILURES)]]);
      case 'ends':
        return this.#play([...starting, [upAfterMs, random.pick([10, 12, 13])]]);
      case 'flaps':
        return this.#play([
          ...starting,
          [upAfterMs, 99],
          [upAfterMs + 2_000, 7],
          [upAfterMs + 9_000, 0],
          [upAfterMs + 14_000, 8],
        ]);
      case 'completes':
        return this.#play([...starting, [upAfterMs, 8], [upAfterMs + random.whole(0, 90_000), 10]]);
      case 'nothing':
        return this.#play([]);
    }
  }

  #play(moves: readonly [afterMs: number, code: number][]): void {
    this.#story += 1;
    const story = this.#story;
    for (const [afterMs, code] of moves) {
      const move = (): void => {
        if (story === this.#story && code !== this.status) {
          this.truth.push({ at: this.time.now, code });
        }
      };
      if (afterMs === 0) move();
      else this.time.after(afterMs, move);
    }
  }
}
