/** How long a turn is kept that nobody takes. Its workflow has ended, or asks another worker. */
const DROP_TURN_AFTER_MS = 120_000;

/** A workflow asks when its turn comes. Where none has asked so long after the time of the oldest turn, none will. */
const SILENT_FOR_MS = 30_000;

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

  /** Drops the turns that nobody took. They lend their place to others for one period of the limit. */
  dropLapsed(now: number, longestWindowMs: number): void {
    for (const [key, atMs] of this.#turns) {
      // Later ones were given later. A stop between them may stay for a while longer.
      if (atMs > now - DROP_TURN_AFTER_MS) break;
      this.#turns.delete(key);
      this.#lapsed.push(atMs);
    }
    const isOld = (atMs: number): boolean => atMs < now - DROP_TURN_AFTER_MS - longestWindowMs;
    while (this.#lapsed.length > 0 && isOld(this.#lapsed[0]!)) this.#lapsed.shift();
  }

  /** Whether a request may go in the place of one that did not. */
  lends(now: number): boolean {
    return this.#lapsed.shift() !== undefined || this.isDeserted(now);
  }

  /** Whether those who wait seem to have ended, such as the restarts of a cancelled batch. */
  isDeserted(now: number): boolean {
    const [oldest] = this.#turns.values();
    return oldest !== undefined && now - oldest > SILENT_FOR_MS && this.#askedAt < oldest;
  }
}
