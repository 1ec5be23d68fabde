/** More than any deadline; a wait of a century would overflow the caller's clock. */
const LONGEST_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Reads `Retry-After` (seconds or an HTTP date) as milliseconds from now; absent where it says
 * neither. A date is measured against the service's own `Date`, as our clock may differ.
 */
export function retryAfterMs(
  retryAfter: string | null,
  date: string | null,
  nowMs: number,
): number | undefined {
  const text = retryAfter?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS);
  // Date.parse takes '-5' and '1.5' for dates; an HTTP date begins with a weekday.
  const until = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(until)) return undefined;
  const serverNow = date === null ? NaN : Date.parse(date);
  const wait = until - (Number.isNaN(serverNow) ? nowMs : serverNow);
  return Math.min(Math.max(wait, 0), LONGEST_MS);
}
