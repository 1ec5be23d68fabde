import { monotonicNow } from './clock.js';
import { type Cap, countSince, LearnedLimits, roomAt, spacingMs } from './learned-limits.js';
import type { RateLimit } from './rate-limit.js';
import { groupUnder, PLANNED_SHARE, WAIT_IN_PLACE_MS } from './turn-groups.js';

/** How many calls are remembered while no limit is known, so that a limit that is learnt later counts them. */
const REMEMBERED_CALLS = 2_000;

/** How long a turn is kept that nobody takes. Its workflow has ended, or asks another worker. */
const DROP_TURN_AFTER_MS = 120_000;

/** The share of a limit that looks may use. The rest is the requests' reserve. */
const LOOKS_SHARE = 0.8;

/** The share of a limit that stops may use, before the restarts that wait. */
const STOPS_SHARE = 0.25;

/** How many looks may go at once under any limit, so that a lone restart does not wait. */
const FEW_LOOKS = 3;

/** When a request may go: after a wait in place (0: at once; noted for the instant after it), or at a turn that is kept for it. */
export type Turn = { kind: 'go'; inMs: number; notedMs: number } | { kind: 'later'; atMs: number };

/**
 * How many calls to ModelArts one credential may still make. Every look and every request of the
 * worker asks here first. All instants are on the monotonic clock, in milliseconds.
 *
 * While no limit is known, every call may go at once. Otherwise no period of a limit holds more calls
 * than allowed, whether the gateway counts by fixed or by sliding periods. Looks are spread over the
 * period, and leave a reserve for requests. A request that must wait gets a turn of its own, so that
 * it waits once. Turns come in groups, so that one page of the list serves the looks of a group.
 */
export class Budget {
  readonly #limits: LearnedLimits;
  /** When calls went out, oldest first. */
  #calls: number[] = [];
  /** When looks went out, oldest first. */
  #looks: number[] = [];
  /** When requests went out or have their turn, oldest first. */
  #requests: number[] = [];
  /** When stops went out or have their turn, oldest first. */
  #stops: number[] = [];
  /** Who waits for a request → the turn. */
  readonly #turns = new Map<string, number>();
  /** The turns that nobody took, oldest first. Their calls were not made, so others may go in their place. */
  #lapsed: number[] = [];
  #group = { atMs: -Infinity, free: 0 };
  /** How many pages of the list one round of looks reads; `undefined` if looks go one by one. */
  #pages: number | undefined = 1;

  /** @param onChange called with words for the log when the limit or this worker's share changes */
  constructor(
    told: readonly RateLimit[] = [],
    onChange: (words: string | undefined) => void = () => undefined,
  ) {
    this.#limits = new LearnedLimits(told, onChange);
  }

  /** The limit as people say it; `undefined` while none is known. */
  get words(): string | undefined {
    return this.#limits.words;
  }

  /** How many calls the tightest limit leaves now; Infinity while none is known. */
  get left(): number {
    const now = monotonicNow();
    const left = this.#limits
      .caps()
      .map(({ calls, windowMs }) => Math.max(0, calls - countSince(this.#calls, now - windowMs)));
    return Math.min(Infinity, ...left);
  }

  /** How many requests wait for their turn. */
  get waiting(): number {
    this.#dropLapsed(monotonicNow());
    return this.#turns.size;
  }

  /** Whether requests wait for their turn, so that looks must be few. */
  get isShort(): boolean {
    return this.waiting > 0;
  }

  /** The time from one turn to the next; 0 while no limit is known. */
  get turnGapMs(): number {
    const caps = this.#limits.caps();
    return caps.length === 0 ? 0 : groupUnder(caps, this.#pages).gapMs;
  }

  /** Tells how many pages of the list a round of looks will read; `undefined` if looks go one by one. */
  plan(pages: number | undefined): void {
    this.#pages = pages;
  }

  /** From when on a look may go. An instant that has passed means now. */
  nextLookAt(): number {
    const caps = this.#limits.caps();
    if (caps.length === 0) return -Infinity;
    return Math.max(roomAt(this.#calls, caps), roomAt(this.#looks, this.#forLooks(caps)));
  }

  /** Notes that a look goes out now, or at a later instant, and returns the instant. */
  tookLook(atMs = monotonicNow()): number {
    this.#looks.push(atMs);
    this.#note(atMs);
    return atMs;
  }

  /**
   * Notes that a call was still on its way at this instant: it has reached its socket, or its answer
   * has come. When in between the gateway counted it is unknown, so the latest instant counts, and is returned.
   */
  onItsWay(notedMs: number): number {
    const place = this.#calls.lastIndexOf(notedMs);
    if (place < 0) return notedMs;
    this.#calls.splice(place, 1);
    const now = monotonicNow();
    this.#note(now);
    return now;
  }

  /** Gives back the room of a call that did not start. */
  giveBack(notedMs: number, isLook: boolean): void {
    for (const noted of isLook ? [this.#calls, this.#looks] : [this.#calls]) {
      const place = noted.lastIndexOf(notedMs);
      if (place >= 0) noted.splice(place, 1);
    }
    if (!isLook && this.#limits.caps().length > 0) this.#lapsed.push(notedMs);
  }

  /**
   * Asks for a request’s turn. A request that may go counts as a call from then on.
   *
   * @param key who asks; the same for each try of one request
   * @param patienceMs how long the request can wait in place
   * @param notBefore nothing may go before this instant
   * @param isStop a stop has its own share of the limit, because a stop on cancel has little time
   */
  turn(key: string, patienceMs = WAIT_IN_PLACE_MS, notBefore = -Infinity, isStop = false): Turn {
    const now = monotonicNow();
    const caps = this.#limits.caps();
    if (caps.length === 0) {
      this.#turns.delete(key);
      return notBefore <= now ? this.#go(now, now) : { kind: 'later', atMs: notBefore };
    }
    this.#dropLapsed(now);
    const soon = now + Math.min(patienceMs, WAIT_IN_PLACE_MS);
    const kept = this.#turns.get(key);
    if (kept !== undefined && kept > soon)
      return { kind: 'later', atMs: Math.max(kept, notBefore) };
    const room = Math.max(now, notBefore, roomAt(this.#calls, caps));
    if (kept !== undefined) {
      this.#turns.delete(key);
      if (Math.max(kept, room) <= soon) return this.#go(Math.max(kept, room), now);
      // Others have used the room up. The request keeps its place before those with later turns.
      this.#turns.set(key, room);
      return { kind: 'later', atMs: room };
    }
    if (room <= soon && this.#lapsed.shift() !== undefined) return this.#go(room, now);
    const atMs = isStop ? this.#takeStopPlace(room, caps) : this.#takePlace(room, caps);
    if (atMs <= soon) return this.#go(atMs, now);
    this.#turns.set(key, atMs);
    return { kind: 'later', atMs };
  }

  /** Learns from a call that the gateway refused: `named` are the limits in its text. */
  refused(named: readonly RateLimit[], startedAt: number): void {
    this.#limits.refused(named, startedAt, (instant) => countSince(this.#calls, instant));
  }

  /** The caps that hold for looks alone: their part of the limit. */
  #forLooks(caps: readonly Cap[]): Cap[] {
    const { size, looks, gapMs } = groupUnder(caps, this.#pages);
    const now = monotonicNow();
    const isReserveLeft = caps.every(
      ({ calls, windowMs }) => countSince(this.#calls, now - windowMs) < calls * LOOKS_SHARE,
    );
    if (this.isShort || !isReserveLeft) return [{ calls: looks, windowMs: gapMs }];
    // Spread over the period, but a few may go at once.
    const together = Math.max(FEW_LOOKS, size);
    return [{ calls: together, windowMs: (together * spacingMs(caps)) / LOOKS_SHARE }];
  }

  /** Finds the earliest place for a request, and keeps it. */
  #takePlace(notBefore: number, caps: readonly Cap[]): number {
    const { size, looks, gapMs } = groupUnder(caps, this.#pages);
    // The rest of each limit is for the looks.
    const forRequests = caps.map(({ calls, windowMs }) => ({
      calls: Math.ceil((calls * PLANNED_SHARE * size) / (size + looks)),
      windowMs,
    }));
    const earliest = Math.max(notBefore, roomAt(this.#requests, forRequests));
    const { atMs, free } = this.#group;
    if (free <= 0 || earliest >= atMs + gapMs) {
      this.#group = { atMs: Math.max(earliest, atMs + gapMs), free: size };
    }
    this.#group.free -= 1;
    const place = Math.max(this.#group.atMs, earliest);
    this.#requests.push(place);
    return place;
  }

  /** Finds the earliest place for a stop, and keeps it. Restarts whose room it takes go later. */
  #takeStopPlace(notBefore: number, caps: readonly Cap[]): number {
    const quarter = caps.map((cap) => ({ ...cap, calls: Math.ceil(cap.calls * STOPS_SHARE) }));
    const place = Math.max(notBefore, roomAt(this.#stops, quarter));
    this.#stops.push(place);
    return place;
  }

  /** Drops the turns that nobody took. They lend their place to others for one period of the limit. */
  #dropLapsed(now: number): void {
    for (const [key, atMs] of this.#turns) {
      // Later ones were given later. A stop between them may stay for a while longer.
      if (atMs > now - DROP_TURN_AFTER_MS) break;
      this.#turns.delete(key);
      this.#lapsed.push(atMs);
    }
    const isOld = (atMs: number): boolean =>
      atMs < now - DROP_TURN_AFTER_MS - this.#limits.longestWindowMs;
    while (this.#lapsed.length > 0 && isOld(this.#lapsed[0]!)) this.#lapsed.shift();
  }

  /** The request counts from here on, so that no other call takes its room while it waits. */
  #go(atMs: number, now: number): Turn {
    this.#note(atMs);
    return { kind: 'go', inMs: atMs - now, notedMs: atMs };
  }

  #note(now: number): void {
    let place = this.#calls.length;
    while (place > 0 && this.#calls[place - 1]! > now) place -= 1;
    this.#calls.splice(place, 0, now);
    if (this.#calls.length % 500 !== 0) return;
    const windowMs = this.#limits.longestWindowMs;
    const isRecent = (at: number): boolean => at > now - 2 * windowMs;
    this.#calls =
      windowMs === 0 ? this.#calls.slice(-REMEMBERED_CALLS) : this.#calls.filter(isRecent);
    this.#requests = this.#requests.filter(isRecent);
    this.#looks = this.#looks.filter(isRecent);
    this.#stops = this.#stops.filter(isRecent);
  }
}
