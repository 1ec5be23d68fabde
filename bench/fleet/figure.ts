import { table } from '../table.js';

/** One measured number, beside what it must be. */
export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** How many decimals are shown; default 0. */
  digits?: number;
  /** Absent: the figure is shown for information. */
  limit?: { atMost: number } | { atLeast: number };
}

/** What a part of the benchmark has found. */
export interface Found {
  figures: Figure[];
  /** A table of its own, above the figures. */
  lines?: string[];
  /** An SVG. */
  chart?: string;
}

export function isMet({ value, limit }: Figure): boolean {
  // A server whose processes are not known has no figures.
  if (limit === undefined || Number.isNaN(value)) return true;
  return 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
}

/** Shows each figure beside its limit. */
export function figureTable(figures: readonly Figure[]): string[] {
  if (figures.length === 0) return [];
  const rows = figures.map((figure) => {
    const { what, value, unit, digits = 0, limit } = figure;
    const shown = (number: number): string => `${number.toFixed(digits)} ${unit}`.trim();
    if (Number.isNaN(value)) return [what, '–'];
    if (limit === undefined) return [what, shown(value)];
    const bound =
      'atMost' in limit ? `at most ${shown(limit.atMost)}` : `at least ${shown(limit.atLeast)}`;
    return [what, shown(value), bound, isMet(figure) ? 'yes' : 'NO'];
  });
  return table([['', 'measured', 'limit', 'met'], ...rows]);
}
