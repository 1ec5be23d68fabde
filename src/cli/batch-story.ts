import type { BatchProgress, JobFailure, JobOutcome } from '../client/index.js';
import { gotThere, JOB_OUTCOMES } from '../domain/batch-outcome.js';
import { bar, type Paint, table } from './output.js';

/** `██████░░░░ 412/1000 · 380 running · 12 failed · 20 under way · 588 waiting` */
export function countsOf(progress: BatchProgress): string {
  const { total, waiting, underWay } = progress;
  const ended = total - waiting - underWay;
  const parts = [
    ...JOB_OUTCOMES.map((outcome) => [progress[outcome], outcome] as const),
    [underWay, 'under way'] as const,
    [waiting, 'waiting'] as const,
  ];
  const shown = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [`${bar(ended, total)} ${ended}/${total}`, ...shown].join(' · ');
}

/** How many of the jobs under way are named. */
const SHOWN_JOBS = 20;

/** What a batch is doing, for a line of its own. */
export function doing({ phase, jobs }: BatchProgress): string {
  const more = jobs.length > SHOWN_JOBS ? ` and ${jobs.length - SHOWN_JOBS} more` : '';
  const named = `${jobs.slice(0, SHOWN_JOBS).join(' ')}${more}`;
  switch (phase) {
    case 'selecting':
      return 'finding the jobs';
    case 'restarting':
      return `under way: ${named}`;
    case 'canceling':
      return `canceled; waiting for ${named}`;
    case 'done':
      return 'ended';
  }
}

/** Tells how a batch goes: a line for each event since the last call of `tell`. */
export class BatchStory {
  #isSelected = false;
  #isCanceled = false;
  readonly #failed = new Set<string>();

  constructor(readonly paint: Paint) {}

  tell(progress: BatchProgress): string[] {
    const { phase, total, failures } = progress;
    const lines: string[] = [];
    if (!this.#isSelected && phase === 'restarting') {
      this.#isSelected = true;
      lines.push(`${total} ${total === 1 ? 'job' : 'jobs'} to restart`);
    }
    for (const failure of failures) {
      if (this.#failed.has(failure.jobId)) continue;
      this.#failed.add(failure.jobId);
      lines.push(failureLine(failure, this.paint));
    }
    if (!this.#isCanceled && phase === 'canceling') {
      this.#isCanceled = true;
      lines.push(this.paint('yellow', 'somebody canceled the batch'));
    }
    return lines;
  }
}

/** `✗ job 12: ModelArts.0105: …` */
export function failureLine({ jobId, outcome, message }: JobFailure, paint: Paint): string {
  return `${paint('red', '✗')} job ${jobId}: ${message === '' ? outcome : message}`;
}

/** A table of the jobs that did not get there; empty if all did. */
export function missedTable(outcomes: readonly JobOutcome[]): string[] {
  const missed = outcomes.filter(({ outcome }) => !gotThere(outcome));
  if (missed.length === 0) return [];
  const rows = missed.map(({ jobId, outcome, errorCode }) => [jobId, outcome, errorCode ?? '']);
  return table(['JOB', 'OUTCOME', 'CODE'], rows);
}
