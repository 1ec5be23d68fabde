import type { ReadAnswer } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import type { ListPage } from '../../src/modelarts/job-body.js';
import type { StatusFeed } from '../../src/feed/status-feed.js';
import { JOB, now, ScriptedLooks, shows, watch, type Watch } from './scripted-looks.js';

export const ids = (count: number, first = 1): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index));

interface Listed {
  /** The ids that the list shows, by page and the time since START. */
  pages?: (page: number, at: number) => string[];
  total?: number;
  status?: (jobId: string, at: number) => number;
  tookMs?: number;
  detailTookMs?: number;
  /** In place of the page. */
  fails?: (page: number, at: number) => ReadAnswer<ListPage> | undefined;
}

/** A project whose list shows what is wanted; each job's own look shows the same status. */
export class ListedLooks extends ScriptedLooks {
  readonly asked: { page: number; at: number }[] = [];

  constructor(readonly listed: Listed = {}) {
    super((jobId, at) => shows((listed.status ?? (() => 7))(jobId, at)), listed.detailTookMs);
  }

  override list = async (
    _project: string,
    { page }: { page: number },
  ): Promise<ReadAnswer<ListPage>> => {
    const at = now();
    const lookedAt = Date.now();
    this.asked.push({ page, at });
    const { pages = (one: number) => (one === 1 ? ids(1_000) : []), status = () => 7 } =
      this.listed;
    const failed = this.listed.fails?.(page, at);
    const rows = pages(page, at);
    const jobs = rows.map((jobId) => ({
      jobId,
      status: statusOf(status(jobId, at)),
      lookedAt,
    }));
    if (this.listed.tookMs) await new Promise((done) => setTimeout(done, this.listed.tookMs));
    if (failed !== undefined) return failed;
    const { total = rows.length } = this.listed;
    return { kind: 'read', value: { jobs, total, received: rows.length } };
  };

  get listedAt(): number[] {
    return this.asked.map(({ at }) => at);
  }
}

export function watchAll(feed: StatusFeed, jobIds: readonly string[]): Watch[] {
  return jobIds.map((jobId) => watch(feed, { job: { ...JOB, jobId } }));
}
