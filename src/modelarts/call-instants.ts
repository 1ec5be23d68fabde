import type { RateLimit } from './rate-limit.js';

/** How many calls are remembered while no limit is known, so that a limit that is learnt later counts them. */
const REMEMBERED_CALLS = 2_000;

/** How many calls are added before the old ones are dropped again. */
const DROP_EVERY = 500;

/** The instants of calls, oldest first. Some are still to come: their room is taken already. */
export class CallInstants {
  #instants: number[] = [];
  #added = 0;

  /** @param longestWindowMs calls older than twice this are dropped; 0 while no limit is known */
  note(instant: number, now: number, longestWindowMs: number): void {
    let place = this.#instants.length;
    while (place > 0 && this.#instants[place - 1]! > instant) place -= 1;
    this.#instants.splice(place, 0, instant);
    this.#added += 1;
    if (this.#added % DROP_EVERY !== 0) return;
    this.#instants =
      longestWindowMs === 0
        ? this.#instants.slice(-REMEMBERED_CALLS)
        : this.#instants.filter((at) => at > now - 2 * longestWindowMs);
  }

  /** Returns whether a call was noted for this instant. */
  remove(instant: number): boolean {
    const place = this.#instants.lastIndexOf(instant);
    if (place < 0) return false;
    this.#instants.splice(place, 1);
    return true;
  }

  /** Forgets the calls that are noted for this instant or later. */
  removeFrom(instant: number): void {
    this.#instants.length = this.#placeOf(instant);
  }

  /** From when on one more call, after all that are noted, keeps within all caps. */
  roomAt(caps: readonly RateLimit[]): number {
    return roomAfter(this.#instants, this.#instants.length, caps);
  }

  /** Like `roomAt`, but without the calls that are noted for `now` or later: they go after it. */
  roomBeforeLater(caps: readonly RateLimit[], now: number): number {
    return roomAfter(this.#instants, this.#placeOf(now), caps);
  }

  /** How many calls went out at this instant or later. */
  countSince(instant: number): number {
    return this.#instants.length - this.#placeOf(instant);
  }

  /** How many calls are before this instant. */
  #placeOf(instant: number): number {
    let [low, high] = [0, this.#instants.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#instants[middle]! < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function roomAfter(instants: readonly number[], count: number, caps: readonly RateLimit[]): number {
  const rooms = caps.map(
    ({ calls, windowMs }) => (instants[count - calls] ?? -Infinity) + windowMs,
  );
  return Math.max(-Infinity, ...rooms);
}
