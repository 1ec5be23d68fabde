import type { BatchOptions } from '../domain/batch-options.js';
import type { BatchOutcome, BatchPhase, BatchProgress } from '../domain/batch-outcome.js';
import { BatchRecord, type PackedRecord } from '../domain/batch-record.js';
import { defined } from '../domain/defined.js';

/** What a batch knows before it sends anything. Each run hands it to the next one unchanged. */
export interface BatchPlan {
  projectId: string;
  /** What each restart gets beside its job. */
  each: BatchOptions['each'];
  maxConcurrent: number;
  stopAfterFailures?: number;
  name?: string;
  /** The project's search attributes that the worker found registered. */
  searchAttributes: string[];
}

/** What one run of a batch hands to the next one. Histories hold it: add keys, but change none. */
export interface CarriedBatch {
  plan: BatchPlan;
  /** When the first run started, in milliseconds since the epoch. */
  startedAtMs: number;
  record: PackedRecord;
  /** The run ids of the restarts under way that this batch started, by the job's index. */
  started: Record<number, string>;
}

/** What the caller calls the batch, why it runs, and who asked for it. */
export type BatchLabels = Pick<BatchProgress, 'name' | 'reason' | 'requestedBy'>;

/** The state of a batch, which its messages and its details show. */
export class Batch {
  phase: BatchPhase = 'selecting';
  labels: BatchLabels = {};
  plan: BatchPlan | undefined;
  record = new BatchRecord([]);
  #end: BatchOutcome | undefined;

  /** @param startedAtMs when the first run started */
  constructor(readonly startedAtMs: number) {}

  progress(): BatchProgress {
    const { record, phase, plan, labels } = this;
    return {
      phase,
      ...record.counts,
      waiting: record.waiting,
      underWay: record.underWay.size,
      jobs: [...record.underWay].map((index) => record.jobIds[index]!),
      failures: [...record.failures],
      startedAt: iso(this.startedAtMs),
      ...labels,
      ...defined({ projectId: plan?.projectId }),
      ...this.#end,
    };
  }

  end(): BatchOutcome {
    const { record, plan, labels } = this;
    this.phase = 'done';
    this.#end = {
      ...record.counts,
      outcomes: record.outcomes(),
      ...labels,
      projectId: plan?.projectId ?? '',
      startedAt: iso(this.startedAtMs),
      endedAt: iso(Date.now()),
    };
    return this.#end;
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
