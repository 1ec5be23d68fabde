import { canonicalQuery } from './credentials.js';

const DEFAULT_PAGE = { page: 1, perPage: 1000 };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Which jobs a page of the list shows. */
export interface ListQuery {
  /** The first page is 1, the default. */
  page?: number;
  /** At most 1000, the default; some documents say 100, so count what came. */
  perPage?: number;
  /** The number of a status; default any. */
  status?: number;
  /** Matches a part of the name, at most 64 characters. */
  search?: string;
  /** Default: ModelArts', `"0"`. Jobs of other workspaces are not shown. */
  workspaceId?: string;
}

export function pageOf(query: ListQuery): { page: number; perPage: number } {
  const { page = DEFAULT_PAGE.page, perPage = DEFAULT_PAGE.perPage } = query;
  return { page, perPage };
}

/** The path of a project's jobs, its query encoded as it is signed. */
export function jobsPath(projectId: string, query: ListQuery): string {
  const { page, perPage } = pageOf(query);
  const { status, search, workspaceId } = query;
  const parameters: [string, string][] = [
    ['page', String(page)],
    ['per_page', String(perPage)],
    // A stable order, so that pages do not shift when a job changes its name or status.
    ['sortBy', 'job_id'],
    ['order', 'asc'],
    ...(status === undefined ? [] : [['status', String(status)] as [string, string]]),
    ...(search === undefined ? [] : [['search_content', search] as [string, string]]),
    ...(workspaceId === undefined ? [] : [['workspace_id', workspaceId] as [string, string]]),
  ];
  return `/v1/${segment(projectId)}/visualization-jobs?${canonicalQuery(parameters)}`;
}

/** The path of one job, or of an action on it. */
export function jobPath(
  job: { projectId: string; jobId: string },
  action?: 'restart' | 'stop',
): string {
  const path = `/v1/${segment(job.projectId)}/visualization-jobs/${segment(job.jobId)}`;
  return action === undefined ? path : `${path}/${action}`;
}

/** Ids are letters and digits; anything else could lead to another path. */
function segment(id: string): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new TypeError('not an id of a project or a job');
  return id;
}

/**
 * The endpoint's origin. Throws if credentials must not be sent to it: only `https` may have them, or
 * `http` on a loopback host.
 */
export function originOf(endpoint: string): string {
  // A URL may hold a password, so the messages do not quote it.
  if (!URL.canParse(endpoint)) throw new TypeError('the ModelArts endpoint is not a URL');
  const url = new URL(endpoint);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    throw new TypeError('the ModelArts endpoint must be https, or http on a loopback host');
  }
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/') {
    throw new TypeError('the ModelArts endpoint must be a scheme, a host and a port alone');
  }
  return url.origin;
}
