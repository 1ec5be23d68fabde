import { Context } from '@temporalio/activity';
import {
  listQueryOf,
  MOST_JOBS,
  MOST_PASSES,
  type ReadSelection,
} from '../domain/batch-options.js';
import { byJobId } from '../domain/ids.js';
import { pauseAfter } from '../domain/retry.js';
import type { ModelArtsClient } from '../modelarts/client.js';
import type { ListedJob, ListPage } from '../modelarts/job-body.js';
import type { SelectedJobs, SelectInput } from './activities.js';
import { heartbeatWhile, lookFailed, workerStopping } from './heartbeat.js';

/** A page waits for room under the gateway's limit. The feed takes free room at once, so others would find none. */
const ROOM = { roomWithinMs: 10_000 };

/** What the next attempt needs to go on where this one ended. */
interface SelectMemory {
  pass: number;
  /** The next page of this pass. */
  page: number;
  /** How many rows this pass has brought. */
  received: number;
  /** How many jobs the first page of this pass said there are. */
  total?: number;
  /** Whether ModelArts filters by the status, as long as one page shows all that it finds. */
  byStatus: boolean;
  /** Whether this pass may have missed a row. */
  shifted: boolean;
  /** The jobs that match, in this pass and in the passes before. */
  found: string[];
  earlier: string[];
}

/**
 * Reads all pages of a project's list and returns the jobs that match. Throws transient failures, so
 * that Temporal retries; the next attempt goes on with the page that failed.
 */
export async function selectJobs(
  client: ModelArtsClient,
  stopping: AbortSignal,
  { projectId, select }: SelectInput,
): Promise<SelectedJobs> {
  const context = Context.current();
  const kept = context.info.heartbeatDetails as SelectMemory | undefined;
  const reading = new ListReading(select, kept);
  for (;;) {
    if (stopping.aborted) {
      context.heartbeat(reading.memory());
      throw workerStopping();
    }
    context.cancellationSignal.throwIfAborted();
    const list = () => client.list(projectId, reading.query(), ROOM);
    const answer = await heartbeatWhile(list, undefined, () => reading.memory());
    if (answer.kind === 'refused') return answer;
    if (answer.kind === 'again') {
      // The next attempt finds this, because the details travel with the failure.
      context.heartbeat(reading.memory());
      const { attempt } = context.info;
      throw lookFailed(answer.error, pauseAfter(attempt, answer.retryAfterMs, Math.random()));
    }
    const isRead = reading.add(answer.value);
    const jobIds = reading.jobIds();
    if (jobIds.length > MOST_JOBS) return { kind: 'too-many' };
    if (isRead) return { kind: 'selected', jobIds };
  }
}

/** Collects the jobs of a list page by page, and reads the list again if it changed meanwhile. */
class ListReading {
  #found: Set<string>;
  readonly #earlier: Set<string>;
  readonly #memory: SelectMemory;
  readonly #matches: (job: ListedJob) => boolean;
  /** The jobs of this pass, as far as this attempt has read it. */
  #ids = new Set<string>();

  constructor(
    readonly select: ReadSelection,
    kept: SelectMemory | undefined,
  ) {
    const { status } = select;
    this.#memory = {
      byStatus: status?.length === 1,
      pass: 1,
      page: 1,
      received: 0,
      shifted: false,
      found: [],
      earlier: [],
      ...kept,
    };
    this.#found = new Set(this.#memory.found);
    this.#earlier = new Set(this.#memory.earlier);
    this.#matches = (job) => status?.includes(job.status.code) ?? true;
  }

  /** What to ask for next. */
  query(): ReturnType<typeof listQueryOf> & { page: number } {
    const { byStatus, page } = this.#memory;
    return { ...listQueryOf(this.select, byStatus), page };
  }

  memory(): SelectMemory {
    return { ...this.#memory, found: [...this.#found], earlier: [...this.#earlier] };
  }

  /** The jobs that match so far, by ascending id, as ModelArts lists them. */
  jobIds(): string[] {
    // A pass without a shift is complete. Jobs that only an earlier pass showed have been deleted since.
    const earlier = this.#memory.shifted ? this.#earlier : [];
    return [...this.#found, ...earlier].sort(byJobId);
  }

  /** Takes the next page, and tells whether the list has been read. */
  add({ jobs, total, received }: ListPage): boolean {
    const memory = this.#memory;
    if (memory.byStatus && received < total) {
      memory.byStatus = false;
      this.#beginPass();
      return false;
    }
    for (const job of jobs) {
      // If a job comes again, the later row counts.
      this.#earlier.delete(job.jobId);
      if (this.#matches(job)) this.#found.add(job.jobId);
      else this.#found.delete(job.jobId);
      memory.shifted ||= this.#ids.has(job.jobId);
      this.#ids.add(job.jobId);
    }
    memory.shifted ||= total !== (memory.total ??= total);
    memory.received += received;
    memory.page += 1;
    if (memory.received < total) {
      // An empty page is the last one, whatever the total says.
      if (received > 0) return false;
      memory.shifted = true;
    }
    if (!memory.shifted || memory.pass >= MOST_PASSES) return true;
    memory.pass += 1;
    for (const jobId of this.#found) this.#earlier.add(jobId);
    this.#beginPass();
    return false;
  }

  #beginPass(): void {
    Object.assign(this.#memory, { page: 1, received: 0, shifted: false });
    delete this.#memory.total;
    this.#found = new Set();
    this.#ids = new Set();
  }
}
