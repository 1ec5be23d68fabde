import type { Ongoing } from './hands.js';

/** Lets a cancellation, a `checkNow` or a new deadline end the call that is waited for. */
export class Interruption {
  #isLookWanted = false;
  #isWantedLookUnderWay = false;
  #end: (() => void) | undefined;

  /** Ends the call under way, if there is one. */
  interrupt(): void {
    this.#end?.();
  }

  /** Has a look made at once. Does not interrupt a look that was asked for before. */
  wantLook(): void {
    this.#isLookWanted = true;
    if (!this.#isWantedLookUnderWay) this.interrupt();
  }

  /** Whether a look was asked for since the last one began. Resets it, because the caller looks now. */
  takeLookWanted(): boolean {
    const wanted = this.#isLookWanted;
    this.#isLookWanted = false;
    return wanted;
  }

  /** The call's result; `undefined` if it was interrupted first. */
  async unlessInterrupted<T>(ongoing: Ongoing<T>, isWantedLook: boolean): Promise<T | undefined> {
    this.#isWantedLookUnderWay = isWantedLook;
    const interrupted = new Promise<undefined>((resolve) => {
      this.#end = () => {
        ongoing.abandon();
        resolve(undefined);
      };
    });
    try {
      return await Promise.race([ongoing.result, interrupted]);
    } finally {
      this.#end = undefined;
      this.#isWantedLookUnderWay = false;
    }
  }
}
