/** How far a worker's clock may be ahead of Temporal's where the two are compared. */
export const CLOCKS_DIFFER_MS = 5_000;

/** Converts a timestamp of Temporal's API; the epoch if there is none. */
export function timeOf(timestamp?: { seconds?: unknown; nanos?: number | null } | null): Date {
  const { seconds, nanos } = timestamp ?? {};
  return new Date(Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1e6));
}
