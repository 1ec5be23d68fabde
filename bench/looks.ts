import type { LoggedRequest } from '../simulator/index.js';

/** How often jobs were looked at, counted from the requests. */
export interface Looks {
  detail: number;
  list: number;
  /** The longest time between two looks at a job; `Infinity` if some job has fewer than two. */
  longestGapMs: number;
}

/** Counts the looks. A page of the list counts as a look at every job. */
export function looksAt(jobIds: readonly string[], requests: readonly LoggedRequest[]): Looks {
  const detail = requests.filter(({ operation }) => operation === 'detail');
  const list = requests.filter(({ operation }) => operation === 'list');
  const times = new Map<string, number[]>(jobIds.map((id) => [id, list.map(({ at }) => at)]));
  for (const { jobId = '', at } of detail) times.get(jobId)?.push(at);
  const gaps = [...times.values()].map(longestGap);
  return { detail: detail.length, list: list.length, longestGapMs: gaps.reduce(larger, 0) };
}

function longestGap(times: number[]): number {
  if (times.length < 2) return Infinity;
  times.sort((a, b) => a - b);
  return times.map((at, i) => at - (times[i - 1] ?? at)).reduce(larger, 0);
}

const larger = (a: number, b: number): number => Math.max(a, b);
