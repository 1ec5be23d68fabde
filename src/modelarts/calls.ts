import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadAnswer, RequestAnswer, ServiceError } from '../domain/answer.js';
import type { Budget, Turn } from './budget.js';
import { monotonicNow, toMonotonic, toWallClock } from './clock.js';
import type { CredentialsProvider, Lease } from './credentials-provider.js';
import { exchange, type Exchange, type ExchangeRequest } from './exchange.js';
import { createFreshLane, createSharedLane, type Gate } from './lane.js';
import { rateLimitsIn, span } from './rate-limit.js';
import { type HeldBack, isOverLimit, type Throttle } from './throttle.js';

/** What a call asks for, and its limits. */
export interface Call extends Pick<ExchangeRequest, 'maxBodyBytes' | 'startBy' | 'endBy'> {
  method: 'GET' | 'POST';
  operation: 'detail' | 'list' | 'restart' | 'stop';
  projectId: string;
  path: string;
  /** How long a GET may wait for room in the budget; default not at all. */
  roomWithinMs?: number;
}

/** Makes a call's answer from what came back, or from why it was not sent. */
interface AnswerOf<A> {
  exchange: (exchange: Exchange) => A;
  heldBack: (why: HeldBack) => A;
  refused: (error: ServiceError) => A;
}

/** Makes the calls to ModelArts. */
export interface Calls {
  /**
   * Sends a call as soon as it has a socket and credentials. It is held back if the budget has no room
   * for it now, if its project is throttled by then, or if there are no credentials in time.
   */
  make<A extends ReadAnswer<unknown> | RequestAnswer>(call: Call, of: AnswerOf<A>): Promise<A>;
  /** Waits for the calls under way, then closes the sockets. */
  close(): Promise<void>;
}

export interface CallsOptions {
  origin: string;
  credentials: CredentialsProvider;
  /** The deadline of one exchange, body included. */
  timeoutMs: number;
  throttle: Throttle;
  budget: Budget;
  /** Called after each exchange, with what it means and how long it took. */
  onAnswer?: ((answered: Answered) => void) | undefined;
}

/** What an exchange means, and how long it took. */
export interface Answered {
  operation: Call['operation'];
  /** What the service answered. */
  answer: ReadAnswer<unknown> | RequestAnswer;
  /** What the caller gets: `answer`; or, if the credentials were renewed or the clock corrected, the advice to call again. */
  told: ReadAnswer<unknown> | RequestAnswer;
  tookMs: number;
}

/** Room that the budget has given: the instant that the call is noted for. It waits until then. */
type Room = Pick<Extract<Turn, { kind: 'go' }>, 'notedMs'>;

/** Reads and requests have sockets of their own, so that a restart never queues behind looks. */
const READ_SOCKETS = 8;
const REQUEST_SOCKETS = 8;

/** A look whose room comes later than planned by more than this is held back: it holds a place of the feed. */
const LATE_LOOK_MS = 1_000;

const CLOSED = {
  kind: 'lost',
  started: false,
  reason: 'client closed',
  httpStatus: undefined,
} as const satisfies Exchange;

export function createCalls(options: CallsOptions): Calls {
  const { origin, credentials, timeoutMs, throttle, budget, onAnswer } = options;
  const reads = createSharedLane(READ_SOCKETS);
  const requests = createFreshLane(REQUEST_SOCKETS);
  const underWay = new Set<Promise<Exchange>>();
  let closing: Promise<void> | undefined;

  async function make<A extends ReadAnswer<unknown> | RequestAnswer>(
    { method, operation, projectId, path, roomWithinMs = 0, ...limits }: Call,
    of: AnswerOf<A>,
  ): Promise<A> {
    const url = new URL(path, origin);
    if (closing) return of.exchange(CLOSED);
    const isLook = method === 'GET';
    const lane = isLook ? reads : requests;
    let leave: (() => void) | undefined;
    let startedAt: number | undefined;
    let heldBack: HeldBack | undefined;
    let isTurnKept = false;
    let refusal: ServiceError | undefined;
    let lease: Lease | undefined;
    const room = isLook ? takeLook(roomWithinMs) : takeTurn(projectId, path, limits.startBy);
    if ('error' in room) return of.heldBack(room);
    let { notedMs } = room;
    const plannedMs = notedMs;
    let hasStarted = false;
    const countFromHere = () => {
      hasStarted = true;
      notedMs = budget.onItsWay(notedMs);
    };
    const hasRoom = (): boolean => {
      notedMs = budget.moveUntilRoom(notedMs, isLook);
      const now = monotonicNow();
      if (notedMs <= now) return true;
      const roomBy = isLook ? Math.max(plannedMs, now) + LATE_LOOK_MS : toMonotonic(limits.startBy);
      if (notedMs <= roomBy) return false;
      heldBack = throttle.heldBack(projectId);
      isTurnKept = !isLook && heldBack === undefined;
      heldBack ??= isLook ? lookLater(notedMs) : atTurn(notedMs);
      throw new Error('no room in time');
    };
    const enter: Gate['enter'] = async (signal) => {
      for (;;) {
        while (!hasRoom()) {
          // A timer may be early by a fraction of a millisecond.
          await sleep(Math.ceil(notedMs - monotonicNow()) + 1, undefined, { signal });
        }
        leave = await lane.gate.enter(signal);
        const ready = await credentials.headers({ method, url, projectId }, signal);
        if (ready.kind !== 'ready') {
          const { kind, ...why } = ready;
          if (kind === 'refused') refusal = why.error;
          else heldBack = why;
          throw new Error('no credentials');
        }
        lease = ready;
        heldBack = throttle.heldBack(projectId);
        if (heldBack !== undefined) throw new Error('held back');
        if (hasRoom()) break;
        // Waits once more, without a place and without the key.
        void lease.settle();
        leave();
      }
      startedAt = monotonicNow();
      // The gate is left below, once the throttle knows the answer, because the next call asks the throttle.
      return () => undefined;
    };
    const headers = () => ({
      'content-type': 'application/json',
      'user-agent': 'modelarts-restarter',
      ...lease?.headers,
    });
    const exchanging = exchange(
      { ...lane, gate: { enter } },
      { method, url, headers, timeoutMs, onStart: countFromHere, ...limits },
    );
    underWay.add(exchanging);
    try {
      const exchanged = await exchanging;
      if (hasStarted) countFromHere();
      if (refusal !== undefined) return of.refused(refusal);
      if (heldBack !== undefined) return of.heldBack(heldBack);
      const answer = of.exchange(exchanged);
      const endedAt = monotonicNow();
      if (startedAt !== undefined) learn(projectId, answer, startedAt);
      const date = exchanged.kind === 'answered' ? exchanged.date : undefined;
      const renewed = hasStarted ? await lease?.settle(answer, date) : undefined;
      const told = renewed === undefined ? answer : of.heldBack(renewed);
      if (startedAt !== undefined) {
        onAnswer?.({ operation, answer, told, tookMs: endedAt - startedAt });
      }
      return told;
    } finally {
      // For a call that did not start; otherwise without effect.
      void lease?.settle();
      if (isTurnKept) budget.keepTurn(path, notedMs);
      else if (!hasStarted) budget.giveBack(notedMs, isLook);
      leave?.();
      underWay.delete(exchanging);
    }
  }

  /** Takes room for a look from the budget, or tells why there is none in time. */
  function takeLook(withinMs: number): Room | HeldBack {
    const now = monotonicNow();
    const atMs = Math.max(now, budget.nextLookAt());
    return atMs > now + withinMs ? lookLater(atMs) : { notedMs: budget.tookLook(atMs) };
  }

  function lookLater(atMs: number): HeldBack {
    const inMs = atMs - monotonicNow();
    return { error: noRoom(budget, inMs), retryAfterMs: Math.ceil(inMs) };
  }

  /** Takes room for a request from the budget. Returns how long to wait in place, or when to come back. */
  function takeTurn(projectId: string, path: string, startBy: number): Room | HeldBack {
    const now = monotonicNow();
    const paused = throttle.heldBack(projectId);
    // Turns are for all projects, so one that pauses alone takes none.
    const isAlone = budget.words === undefined || throttle.holdsBackAlone(projectId);
    if (paused !== undefined && isAlone) return paused;
    const notBefore = now + (paused?.retryAfterMs ?? 0);
    const turn = budget.turn(path, startBy - Date.now(), notBefore, path.endsWith('/stop'));
    return turn.kind === 'go' ? turn : atTurn(turn.atMs);
  }

  /** Why a request is not sent before its turn. */
  function atTurn(atMs: number): HeldBack {
    const turnAtMs = toWallClock(atMs);
    const message = `not sent yet: its turn is at ${new Date(turnAtMs).toISOString()}, since the gateway allows ${budget.words}`;
    return { error: { message }, retryAfterMs: Math.ceil(atMs - monotonicNow()), turnAtMs };
  }

  function learn(
    projectId: string,
    answer: ReadAnswer<unknown> | RequestAnswer,
    startedAt: number,
  ): void {
    throttle.learn(projectId, answer, startedAt);
    if (!('error' in answer) || !isOverLimit(answer)) return;
    budget.refused(rateLimitsIn(answer.error.message), startedAt);
  }

  /** Does not use undici's `close`, which would wait for sockets that are still connecting. */
  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await Promise.all([reads.close(), requests.close()]);
  }

  return { make, close: () => (closing ??= close()) };
}

/** Why a look is not made now: `next look in 12 s: 200 calls per 5 min`. */
export function noRoom(budget: Budget, inMs: number): ServiceError {
  return { message: `next look in ${span(Math.max(1_000, inMs))}: ${budget.words}` };
}
