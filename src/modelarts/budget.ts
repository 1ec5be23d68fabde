import { CallInstants } from './call-instants.js';
import { monotonicNow } from './clock.js';
import { KeptTurns } from './kept-turns.js';
import { LearnedLimits } from './learned-limits.js';
import { type RateLimit, spacingMs } from './rate-limit.js';
import { groupUnder, PLANNED_SHARE, WAIT_IN_PLACE_MS } from './turn-groups.js';

/** The share of a limit that looks may use. The rest is the requests' reserve. */
const LOOKS_SHARE = 0.8;

/** The share of a limit that stops may use, before the restarts that wait. */
const STOPS_SHARE = 0.25;

/** How many looks may go at once under any limit, so that a lone restart does not wait. */
const FEW_LOOKS = 3;

/** The group of turns that is being filled: when it comes, and how many requests may still join it. */
const NO_GROUP = { atMs: -Infinity, free: 0 };

/** When a request may go: after a wait in place until the instant that it is noted for, or at a turn that is kept for it. */
export type Turn = { kind: 'go'; notedMs: number } | { kind: 'later'; atMs: number };

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
  readonly #calls = new CallInstants();
  readonly #looks = new CallInstants();
  /** Requests that went out, and turns. */
  readonly #requests = new CallInstants();
  /** Stops that went out, and turns of stops. */
  readonly #stops = new CallInstants();
  readonly #turns = new KeptTurns();
  #group = NO_GROUP;
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
      .map(({ calls, windowMs }) => Math.max(0, calls - this.#calls.countSince(now - windowMs)));
    return Math.min(Infinity, ...left);
  }

  /** How many requests wait for their turn. */
  get waiting(): number {
    this.#dropTurns(monotonicNow());
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
    return Math.max(this.#calls.roomAt(caps), this.#looks.roomAt(this.#forLooks(caps)));
  }

  /** Notes that a look goes out now, or at a later instant, and returns the instant. */
  tookLook(atMs = monotonicNow()): number {
    this.#note(this.#looks, atMs);
    this.#note(this.#calls, atMs);
    return atMs;
  }

  /**
   * Moves a call to the present instant, which is returned: when it reaches its socket, and again when its
   * answer comes. The gateway counted it somewhere in between, and the later instant is the safe one.
   */
  onItsWay(notedMs: number): number {
    if (!this.#calls.remove(notedMs)) return notedMs;
    const now = monotonicNow();
    this.#note(this.#calls, now);
    return now;
  }

  /**
   * Moves a call to the first instant from its own on at which there is room for it, and returns that. For a
   * call that is about to go: those before it may have reached the gateway later than planned.
   */
  moveUntilRoom(notedMs: number, isLook: boolean): number {
    this.#calls.remove(notedMs);
    const now = monotonicNow();
    // At least now, so that another call that asks in the same instant counts this one.
    const movedMs = Math.max(notedMs, now, this.#calls.roomBeforeLater(this.#limits.caps(), now));
    this.#note(this.#calls, movedMs);
    if (isLook && this.#looks.remove(notedMs)) this.#note(this.#looks, movedMs);
    return movedMs;
  }

  /** Gives back the room of a call that did not start. */
  giveBack(notedMs: number, isLook: boolean): void {
    this.#calls.remove(notedMs);
    if (isLook) this.#looks.remove(notedMs);
    if (!isLook && this.#limits.caps().length > 0) this.#turns.lapse(notedMs);
  }

  /** Keeps the room of a request that can't wait for it as the request's turn. */
  keepTurn(key: string, notedMs: number): void {
    this.#calls.remove(notedMs);
    this.#turns.keep(key, notedMs);
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
      this.#turns.forget(key);
      return notBefore <= now ? this.#go(now) : { kind: 'later', atMs: notBefore };
    }
    this.#dropTurns(now);
    const soon = now + Math.min(patienceMs, WAIT_IN_PLACE_MS);
    const kept = this.#turns.ask(key, now);
    if (kept !== undefined && kept > soon)
      return { kind: 'later', atMs: Math.max(kept, notBefore) };
    const room = Math.max(now, notBefore, this.#calls.roomAt(caps));
    if (kept !== undefined) {
      this.#turns.forget(key);
      if (Math.max(kept, room) <= soon) return this.#go(Math.max(kept, room));
      // Others have used the room up. The request keeps its place before those with later turns.
      this.#turns.keep(key, room);
      return { kind: 'later', atMs: room };
    }
    if (room <= soon && this.#turns.lends()) return this.#go(room);
    const atMs = isStop ? this.#takeStopPlace(room, caps) : this.#takePlace(room, caps);
    if (atMs <= soon) return this.#go(atMs);
    this.#turns.keep(key, atMs);
    return { kind: 'later', atMs };
  }

  /** Learns from a call that the gateway refused: `named` are the limits in its text. */
  refused(named: readonly RateLimit[], startedAt: number): void {
    this.#limits.refused(named, startedAt, (instant) => this.#calls.countSince(instant));
  }

  /** The caps that hold for looks alone: their part of the limit. */
  #forLooks(caps: readonly RateLimit[]): RateLimit[] {
    const { size, looks, gapMs } = groupUnder(caps, this.#pages);
    const now = monotonicNow();
    const isReserveLeft = caps.every(
      ({ calls, windowMs }) => this.#calls.countSince(now - windowMs) < calls * LOOKS_SHARE,
    );
    if (this.isShort || !isReserveLeft) return [{ calls: looks, windowMs: gapMs }];
    // Spread over the period, but a few may go at once.
    const together = Math.max(FEW_LOOKS, size);
    return [{ calls: together, windowMs: (together * spacingMs(caps)) / LOOKS_SHARE }];
  }

  /** Finds the earliest place for a request, and keeps it. */
  #takePlace(notBefore: number, caps: readonly RateLimit[]): number {
    const { size, looks, gapMs } = groupUnder(caps, this.#pages);
    // The rest of each limit is for the looks.
    const forRequests = caps.map(({ calls, windowMs }) => ({
      calls: Math.ceil((calls * PLANNED_SHARE * size) / (size + looks)),
      windowMs,
    }));
    const earliest = Math.max(notBefore, this.#requests.roomAt(forRequests));
    const { atMs, free } = this.#group;
    if (free <= 0 || earliest >= atMs + gapMs) {
      this.#group = { atMs: Math.max(earliest, atMs + gapMs), free: size };
    }
    this.#group.free -= 1;
    const place = Math.max(this.#group.atMs, earliest);
    this.#note(this.#requests, place);
    return place;
  }

  /** Finds the earliest place for a stop, and keeps it. Restarts whose room it takes go later. */
  #takeStopPlace(notBefore: number, caps: readonly RateLimit[]): number {
    const quarter = caps.map((cap) => ({ ...cap, calls: Math.ceil(cap.calls * STOPS_SHARE) }));
    const place = Math.max(notBefore, this.#stops.roomAt(quarter));
    this.#note(this.#stops, place);
    return place;
  }

  /** Drops the turns that nobody takes, and, if all who wait seem to have ended, what was planned for them. */
  #dropTurns(now: number): void {
    if (!this.#turns.drop(now, this.#limits.longestWindowMs)) return;
    this.#requests.removeFrom(now);
    this.#group = NO_GROUP;
  }

  /** The request counts from here on, so that no other call takes its room while it waits. */
  #go(atMs: number): Turn {
    this.#note(this.#calls, atMs);
    return { kind: 'go', notedMs: atMs };
  }

  #note(calls: CallInstants, instant: number): void {
    calls.note(instant, monotonicNow(), this.#limits.longestWindowMs);
  }
}
