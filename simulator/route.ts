import type { Operation } from './fault.js';

/** What a request asks for. */
export interface Route {
  operation: Operation;
  projectId: string;
  /** Empty for the list. */
  jobId: string;
  query: URLSearchParams;
}

const PATH = /^\/v1\/([^/]+)\/visualization-jobs(?:\/([^/]+)(?:\/(restart|stop))?)?$/;

/** Reads what a request asks for; returns `undefined` if the API has no such call. */
export function routeOf(method: string, target: string): Route | undefined {
  const [path = '', query = ''] = target.split('?', 2);
  const [, projectId, jobId = '', action] = PATH.exec(path) ?? [];
  if (projectId === undefined) return undefined;
  const isPost = action !== undefined;
  if (method !== (isPost ? 'POST' : 'GET')) return undefined;
  const operation = isPost ? (action as 'restart' | 'stop') : jobId === '' ? 'list' : 'detail';
  return { operation, projectId, jobId, query: new URLSearchParams(query) };
}
