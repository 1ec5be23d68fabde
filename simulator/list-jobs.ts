import type { SimulatedJob } from './job.js';
import type { Quirks } from './quirks.js';

/** One page of the list. */
export interface Page {
  total: number;
  jobs: SimulatedJob[];
}

/** The documented maximum. A request for more is refused, whatever `perPageMax` says. */
const DOCUMENTED_PER_PAGE_MAX = 1000;
const SEARCH_MAX = 64;

type Compare = (a: SimulatedJob, b: SimulatedJob, now: number) => number;

const SORTS: Readonly<Record<string, Compare>> = {
  job_id: (a, b) => a.id.length - b.id.length || compareText(a.id, b.id),
  job_name: (a, b) => compareText(a.name, b.name),
  job_desc: (a, b) => compareText(a.description, b.description),
  create_time: (a, b) => a.createdAt - b.createdAt,
  status: (a, b, now) => a.shownAt(now).status - b.shownAt(now).status,
};

/** Returns the requested page of these jobs, or `undefined` if a parameter is out of range. */
export function listJobs(
  jobs: readonly SimulatedJob[],
  query: URLSearchParams,
  quirks: Quirks,
  now: number,
): Page | undefined {
  const perPage = wholeNumber(query.get('per_page') ?? '10');
  const page = wholeNumber(query.get('page') ?? '1');
  const status = query.get('status');
  const sort = SORTS[query.get('sortBy') ?? 'job_id'];
  const order = query.get('order') ?? 'asc';
  const search = query.get('search_content') ?? '';
  const workspaceId = query.get('workspace_id') ?? '0';
  if (!(perPage >= 1 && perPage <= DOCUMENTED_PER_PAGE_MAX && page >= 1)) return undefined;
  if (status !== null && Number.isNaN(wholeNumber(status))) return undefined;
  if (sort === undefined || !['asc', 'desc'].includes(order)) return undefined;
  if (search.length > SEARCH_MAX) return undefined;

  const matching = jobs.filter(
    (job) =>
      job.workspaceId === workspaceId &&
      job.name.includes(search) &&
      (status === null || job.shownAt(now).status === Number(status)),
  );
  const sign = order === 'asc' ? 1 : -1;
  matching.sort((a, b) => sign * sort(a, b, now));
  const size = Math.min(perPage, quirks.perPageMax);
  return { total: matching.length, jobs: matching.slice((page - 1) * size, page * size) };
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
