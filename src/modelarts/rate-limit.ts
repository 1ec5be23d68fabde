import { parseDuration } from '../domain/duration.js';

/** So many calls in each period; the gateway counts refused calls too. */
export interface RateLimit {
  calls: number;
  windowMs: number;
}

/** The distance between calls that go at even distances under the narrowest limit. */
export function spacingMs(limits: readonly RateLimit[]): number {
  return Math.max(...limits.map(({ calls, windowMs }) => windowMs / calls));
}

/** The period to assume if the gateway names a number of calls alone. A guess: a period that was seen. */
const UNNAMED_WINDOW_MS = 60_000;

const MOST_CALLS = 1_000_000;
const LONGEST_WINDOW_MS = 24 * 60 * 60_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 60 * 60_000,
  day: 24 * 60 * 60_000,
};

/** `limit:200,time:5 minute` in the text of an APIGW.0308; the period may be missing. */
const IN_TEXT =
  /\blimit\s*:\s*(\d{1,9})(?:\s*,\s*time\s*:\s*(\d{1,6})\s*(second|minute|hour|day))?/gi;

/** Reads the limits that a refusal of the gateway names; none if its text has no such words. */
export function rateLimitsIn(text: string): RateLimit[] {
  return [...text.matchAll(IN_TEXT)].flatMap(([, calls, time, unit]) => {
    const windowMs =
      time === undefined ? UNNAMED_WINDOW_MS : Number(time) * UNIT_MS[unit!.toLowerCase()]!;
    const limit = { calls: Number(calls), windowMs };
    return isSane(limit) ? [limit] : [];
  });
}

/** Reads `200/5m`, or several with commas between them; `undefined` for anything else. */
export function parseRateLimits(text: string): RateLimit[] | undefined {
  const limits = text.split(',').map((part) => {
    const [, calls, span] = /^\s*(\d{1,9})\s*\/\s*(\S+)\s*$/.exec(part) ?? [];
    const windowMs = span === undefined ? undefined : parseDuration(span);
    return { calls: Number(calls), windowMs: windowMs ?? NaN };
  });
  return limits.every(isSane) ? limits : undefined;
}

function isSane({ calls, windowMs }: RateLimit): boolean {
  return calls >= 2 && calls <= MOST_CALLS && windowMs >= 100 && windowMs <= LONGEST_WINDOW_MS;
}

/** `200 calls per 5 min`; several are joined by "and". */
export function inWords(limits: readonly RateLimit[]): string {
  return limits.map(({ calls, windowMs }) => `${calls} calls per ${span(windowMs)}`).join(' and ');
}

/** `12 s`, `5 min`, `1 h`: in the largest unit that gives a whole number. */
export function span(ms: number): string {
  if (ms % UNIT_MS['hour']! === 0) return `${ms / UNIT_MS['hour']!} h`;
  if (ms % UNIT_MS['minute']! === 0) return `${ms / UNIT_MS['minute']!} min`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}
