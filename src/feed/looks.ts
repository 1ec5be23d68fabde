import type { JobRef, ReadAnswer, Reading } from '../domain/answer.js';
import type { ListPage } from '../modelarts/job-body.js';
import type { Pause } from '../modelarts/throttle.js';

/** How the feed looks at jobs. Never rejects for anything that the service or the network does. */
export interface Looks {
  /** Looks at one job. */
  detail(job: JobRef): Promise<ReadAnswer<Reading>>;
  /** Looks at a page of a project's jobs, the largest there is, by ascending job id; the first is 1. */
  list(projectId: string, query: { page: number }): Promise<ReadAnswer<ListPage>>;
  /** The pause that a throttled project makes now. The feed makes no look during it. */
  pauseOf(projectId: string): Pause | undefined;
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
