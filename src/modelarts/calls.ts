import type { ReadAnswer, RequestAnswer } from '../domain/answer.js';
import { monotonicNow } from './clock.js';
import { authenticate, type Credentials } from './credentials.js';
import { exchange, type Exchange, type ExchangeRequest } from './exchange.js';
import { createFreshLane, createSharedLane, type Gate } from './lane.js';
import type { HeldBack, Throttle } from './throttle.js';

/** What a call asks for, and its limits. */
interface Call extends Pick<ExchangeRequest, 'maxBodyBytes' | 'startBy' | 'endBy'> {
  method: 'GET' | 'POST';
  projectId: string;
  path: string;
}

/** Makes a call's answer from what came back, or from why it was not sent. */
interface AnswerOf<A> {
  exchange: (exchange: Exchange) => A;
  heldBack: (why: HeldBack) => A;
}

/** Makes the calls to ModelArts. */
export interface Calls {
  /** Sends a call as soon as it has a socket, unless its project is throttled by then. */
  make<A extends ReadAnswer<unknown> | RequestAnswer>(call: Call, of: AnswerOf<A>): Promise<A>;
  /** Waits for the calls under way, then closes the sockets. */
  close(): Promise<void>;
}

export interface CallsOptions {
  origin: string;
  credentials: Credentials;
  /** The deadline of one exchange, body included. */
  timeoutMs: number;
  throttle: Throttle;
}

/** Reads and requests have sockets of their own, so that a restart never queues behind looks. */
const READ_SOCKETS = 8;
const REQUEST_SOCKETS = 8;

const CLOSED = {
  kind: 'lost',
  started: false,
  reason: 'client closed',
  httpStatus: undefined,
} as const satisfies Exchange;

export function createCalls({ origin, credentials, timeoutMs, throttle }: CallsOptions): Calls {
  const reads = createSharedLane(READ_SOCKETS);
  const requests = createFreshLane(REQUEST_SOCKETS);
  const underWay = new Set<Promise<Exchange>>();
  let closing: Promise<void> | undefined;

  async function make<A extends ReadAnswer<unknown> | RequestAnswer>(
    { method, projectId, path, ...limits }: Call,
    of: AnswerOf<A>,
  ): Promise<A> {
    const url = new URL(path, origin);
    if (closing) return of.exchange(CLOSED);
    const lane = method === 'GET' ? reads : requests;
    let leave: (() => void) | undefined;
    let startedAt: number | undefined;
    let heldBack: HeldBack | undefined;
    const enter: Gate['enter'] = async (signal) => {
      leave = await lane.gate.enter(signal);
      startedAt = monotonicNow();
      heldBack = throttle.heldBack(projectId);
      if (heldBack !== undefined) throw new Error('held back');
      // The gate is left below, once the throttle knows the answer, because the next call asks the throttle.
      return () => undefined;
    };
    const headers = () => ({
      'content-type': 'application/json',
      'user-agent': 'modelarts-restarter',
      ...authenticate({ method, url, projectId }, credentials, Date.now()),
    });
    const exchanging = exchange(
      { ...lane, gate: { enter } },
      { method, url, headers, timeoutMs, ...limits },
    );
    underWay.add(exchanging);
    try {
      const exchanged = await exchanging;
      if (heldBack !== undefined) return of.heldBack(heldBack);
      const answer = of.exchange(exchanged);
      if (startedAt !== undefined) throttle.learn(projectId, answer, startedAt);
      return answer;
    } finally {
      leave?.();
      underWay.delete(exchanging);
    }
  }

  /** Does not use undici's `close`, which would wait for sockets that are still connecting. */
  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await Promise.all([reads.close(), requests.close()]);
  }

  return { make, close: () => (closing ??= close()) };
}
