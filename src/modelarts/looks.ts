import type { JobRef, ReadAnswer, Reading } from '../domain/answer.js';
import type { ListPage } from './job-body.js';

/** How the feed looks at jobs. Does not throw for anything that the service or the network does. */
export interface Looks {
  /** Looks at one job. */
  detail(job: JobRef): Promise<ReadAnswer<Reading>>;
  /** Looks at a page of a project's jobs, the largest there is, by ascending job id; the first is 1. */
  list(projectId: string, query: { page: number }): Promise<ReadAnswer<ListPage>>;
}

/** A look that has begun. */
export interface Begun {
  /** The endpoint that was asked. */
  from: 'detail' | 'list';
  /** A later look has a greater number, also within the same millisecond. */
  number: number;
  /** On the monotonic clock, as every instant in the feed. */
  startedAt: number;
}
