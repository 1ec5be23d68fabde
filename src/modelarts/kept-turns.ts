import { WAIT_IN_PLACE_MS } from './turn-groups.js';

/** How long a turn is kept that nobody takes. Its workflow has ended, or asks another worker. */
const DROP_TURN_AFTER_MS = 120_000;

/**
 * A workflow asks when its turn comes. If so many turns are overdue by so much, and nobody has asked since the
 * oldest of them came, then all who wait seem to have ended, such as the restarts of a cancelled batch.
 */
const SILENT_FOR_MS = 30_000;
const SILENT_TURNS = 8;

/** The turns of requests that wait for room under a limit. All instants are on the monotonic clock. */
export class KeptTurns {
  /** Who waits for a request → the turn. */
  readonly #turns = new Map<string, number>();
  /** The turns that nobody took, oldest first. Their calls were not made, so others may go in their place. */
  #lapsed: number[] = [];
  /** When somebody last asked who has a turn. */
  #askedAt = -Infinity;

  /** How many requests wait. */
  get size(): number {
    return this.#turns.size;
  }

  keep(key: string, atMs: number): void {
    this.#turns.set(key, atMs);
  }

  forget(key: string): void {
    this.#turns.delete(key);
  }

  /** The turn of whoever asks now; `undefined` without one. */
  ask(key: string, now: number): number | undefined {
    const kept = this.#turns.get(key);
    if (kept !== undefined) this.#askedAt = now;
    return kept;
  }

  /** Notes a turn, or the room of a call, that is not used. */
  lapse(atMs: number): void {
    this.#lapsed.push(atMs);
  }

  /**
   * Drops the turns that nobody took. They lend their place to others for one period of the limit.
   *
   * @returns whether all turns were dropped, those to come too, because all who waited seem to have ended
   */
  drop(now: number, longestWindowMs: number): boolean {
    // Later turns were given later. A stop between them may stay for a while longer.
    this.#lapseUntil(now - DROP_TURN_AFTER_MS);
    const isOld = (atMs: number): boolean => atMs < now - DROP_TURN_AFTER_MS - longestWindowMs;
    while (this.#lapsed.length > 0 && isOld(this.#lapsed[0]!)) this.#lapsed.shift();
    if (!this.#seemsDeserted(now)) return false;
    this.#lapseUntil(now);
    this.#turns.clear();
    return true;
  }

  #lapseUntil(instant: number): void {
    for (const [key, atMs] of this.#turns) {
      if (atMs > instant) break;
      this.#turns.delete(key);
      this.#lapsed.push(atMs);
    }
  }

  /** Whether a request may go in the place of one that did not. */
  lends(): boolean {
    return this.#lapsed.shift() !== undefined;
  }

  #seemsDeserted(now: number): boolean {
    let overdue = 0;
    for (const atMs of this.#turns.values()) {
      // A request asks somewhat before its turn, and then waits in place.
      if (overdue === 0 && this.#askedAt >= atMs - WAIT_IN_PLACE_MS) return false;
      if (atMs > now - SILENT_FOR_MS) break;
      overdue += 1;
      if (overdue === SILENT_TURNS) return true;
    }
    return overdue > 0 && overdue === this.#turns.size;
  }
}
