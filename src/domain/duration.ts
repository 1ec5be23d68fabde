const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const PATTERN = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/;

/**
 * Reads a duration: one number, decimals allowed, and one unit (`ms`, `s`, `m`, `h`, `d`), such as
 * `"90s"` or `"1.5h"`; or a number of milliseconds.
 *
 * @returns whole milliseconds, or `undefined` for anything else
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 ? whole(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const match = PATTERN.exec(value);
  if (match === null) return undefined;
  return whole(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]);
}

function whole(value: number): number | undefined {
  const milliseconds = Math.round(value);
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}

/** Writes milliseconds as people say it: `45s`, `2m 05s`, `3h 20m`, `1d 2h`; `850ms` below a second. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms > 0 && ms < 1_000) return `${ms}ms`;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return join(`${days}d`, hours % 24, 'h');
  if (hours > 0) return join(`${hours}h`, minutes % 60, 'm');
  if (minutes > 0) return join(`${minutes}m`, seconds % 60, 's');
  return `${seconds}s`;
}

function join(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${String(small).padStart(2, '0')}${unit}`;
}
