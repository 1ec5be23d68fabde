/**
 * How many calls the gateway lets through. It counts every call that it knows the caller of, also
 * those that it refuses for this limit: so did the gateway of another Huawei service ("throttled
 * tries count").
 */
export interface RateLimit {
  /** Whose calls count together: those with one access key or token, or from one address. */
  policy: 'user' | 'ip';
  calls: number;
  /** Whole seconds. */
  windowMs: number;
  /**
   * `sliding` (default): the calls of the last `windowMs` count. `fixed`: a window begins with the
   * first call after the previous window, and its calls count.
   */
  window?: 'sliding' | 'fixed';
  /** How much of the limit the refusal tells; default `full`. */
  text?: 'full' | 'without-time' | 'none';
  /** Whether a refusal says in `Retry-After` when the next call would pass; default no. */
  retryAfter?: boolean;
  /** The HTTP status of a refusal; default 429. */
  answer?: '429' | '200';
}

/** Whom a call is counted for. */
export interface Caller {
  user: string;
  ip: string;
}

/** Why the gateway refuses a call. */
export interface OverLimit {
  status: number;
  text: string;
  retryAfterSeconds?: number;
}

/** Returns whom a request counts for: its access key, else its token. */
export function callerOf(headers: Readonly<Record<string, string>>, ip: string): Caller {
  const [, accessKey] = /\bAccess=([^,\s]+)/.exec(headers['authorization'] ?? '') ?? [];
  return { user: accessKey ?? headers['x-auth-token'] ?? '', ip };
}

/** The limits of the gateway, and the calls that count towards them. */
export class RateLimits {
  #counts: { limit: RateLimit; callers: Map<string, Count> }[] = [];

  /** Replaces all limits, and forgets the calls so far. Throws a TypeError if one makes no sense. */
  replace(limits: readonly RateLimit[]): void {
    for (const limit of limits) check(limit);
    this.#counts = limits.map((limit) => ({ limit: { ...limit }, callers: new Map() }));
  }

  /** Counts a call, and returns the refusal by the first limit that it exceeds, if any. */
  take(caller: Caller, now: number): OverLimit | undefined {
    let over: OverLimit | undefined;
    for (const { limit, callers } of this.#counts) {
      const key = caller[limit.policy];
      const count = callers.get(key) ?? (limit.window === 'fixed' ? new Fixed() : new Sliding());
      callers.set(key, count);
      const freeAt = count.take(limit, now);
      if (freeAt !== undefined) over ??= refusal(limit, freeAt - now);
    }
    return over;
  }
}

interface Count {
  /** Counts a call; returns when the next one would pass if this one exceeds the limit. */
  take(limit: RateLimit, now: number): number | undefined;
}

class Sliding implements Count {
  /** The last calls, oldest first; at most as many as the limit allows, since no more matter. */
  readonly #times: number[] = [];

  take({ calls, windowMs }: RateLimit, now: number): number | undefined {
    const isOver = this.#times.length === calls && this.#times[0]! > now - windowMs;
    this.#times.push(now);
    if (this.#times.length > calls) this.#times.shift();
    return isOver ? this.#times[0]! + windowMs : undefined;
  }
}

class Fixed implements Count {
  #endsAt = -Infinity;
  #taken = 0;

  take({ calls, windowMs }: RateLimit, now: number): number | undefined {
    if (now >= this.#endsAt) {
      this.#endsAt = now + windowMs;
      this.#taken = 0;
    }
    this.#taken += 1;
    return this.#taken > calls ? this.#endsAt : undefined;
  }
}

function refusal(limit: RateLimit, waitMs: number): OverLimit {
  const { policy, calls, text = 'full' } = limit;
  const time = text === 'full' ? `,time:${timeOf(limit.windowMs)}` : '';
  const told = text === 'none' ? '' : `: policy ${policy} over ratelimit,limit:${calls}${time}`;
  return {
    status: Number(limit.answer ?? '429'),
    text: `The throttling threshold has been reached${told}`,
    ...(limit.retryAfter && { retryAfterSeconds: Math.ceil(waitMs / 1_000) }),
  };
}

const UNITS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** In the largest unit of which the window is a whole number, as the gateway writes it. */
function timeOf(windowMs: number): string {
  const [unit, unitMs] = UNITS.find(([, ms]) => windowMs % ms === 0) ?? UNITS[2];
  return `${windowMs / unitMs} ${unit}`;
}

const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  policy: ['user', 'ip'],
  window: ['sliding', 'fixed', undefined],
  text: ['full', 'without-time', 'none', undefined],
  retryAfter: [true, false, undefined],
  answer: ['429', '200', undefined],
};

function check(limit: RateLimit): void {
  const { calls, windowMs, ...others } = limit;
  const isValid =
    Number.isSafeInteger(calls) &&
    calls > 0 &&
    Number.isSafeInteger(windowMs / 1_000) &&
    windowMs > 0 &&
    'policy' in others &&
    Object.entries(others).every(([name, value]) => VALUES[name]?.includes(value));
  if (!isValid) throw new TypeError(`No such rate limit: ${JSON.stringify(limit)}`);
}
