/** The gateway locks a key after more than 5 failures in a row (apig-faq-0003). */
const MOST_FAILURES = 5;
const LOCKED_MS = 5 * 60_000;

/** Counts the failed signatures of each access key. */
export class KeyLocks {
  readonly #failures = new Map<string, { inARow: number; lockedUntil: number }>();

  /** Notes whether a signature was good. Those that come while the key is locked do not count. */
  count(accessKey: string, isGood: boolean, now: number): void {
    if (isGood) {
      this.#failures.delete(accessKey);
      return;
    }
    const inARow = (this.#failures.get(accessKey)?.inARow ?? 0) + 1;
    const isLocked = inARow > MOST_FAILURES;
    this.#failures.set(accessKey, {
      inARow: isLocked ? 0 : inARow,
      lockedUntil: isLocked ? now + LOCKED_MS : 0,
    });
  }

  isLocked(accessKey: string, now: number): boolean {
    return now < (this.#failures.get(accessKey)?.lockedUntil ?? 0);
  }
}
