import type { BatchProgress, JobFailure, JobOutcome } from '../client/index.js';
import { gotThere, JOB_OUTCOMES, missedIn } from '../domain/batch-outcome.js';
import { formatDuration } from '../domain/duration.js';
import { failureOf } from '../domain/failures.js';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import { bar, type Paint, table } from './output.js';

const DOING: Record<RestartProgress['phase'], string> = {
  checking: 'looking at the job',
  stopping: 'stopping the job first',
  requesting: 'asking ModelArts for the restart',
  waiting: 'waiting',
  done: 'done',
};

/** Tells how a restart goes: a line for each event since the last call of `tell`. */
export class Story {
  #before = false;
  #accepted = false;
  #last: string | undefined;
  #lastAt = '';
  #trouble: string | undefined;

  constructor(readonly paint: Paint) {}

  tell(progress: RestartProgress): string[] {
    const { startedAt, before, acceptedAt, transitions } = progress;
    const lines: string[] = [];
    const line = (at: string | undefined, text: string) =>
      lines.push(`${this.paint('dim', elapsed(startedAt, at).padStart(8))}  ${text}`);
    const trouble = troubleOf(progress);
    if (trouble !== this.#trouble && progress.phase !== 'done') {
      this.#trouble = trouble;
      const text =
        trouble === undefined ? 'ModelArts answers again' : `${trouble}; looking goes on`;
      lines.push(this.paint('yellow', `          ${text}`));
    }
    if (!this.#before && before !== undefined) {
      this.#before = true;
      this.#last = before.name;
      line(undefined, before.name);
    }
    if (!this.#accepted && acceptedAt !== undefined) {
      this.#accepted = true;
      line(acceptedAt, 'ModelArts took the restart');
    }
    // Compares times, not counts, because of many transitions only the first and the last are kept.
    for (const { name, at } of transitions.filter((transition) => transition.at > this.#lastAt)) {
      line(at, this.#last === undefined ? name : `${this.#last} → ${name}`);
      [this.#last, this.#lastAt] = [name, at];
    }
    return lines;
  }
}

/** The progress at this moment, for a line that is overwritten: `WAITING for 12s · 1m 05s in all`. */
export function now(progress: RestartProgress): string {
  const { phase, last, transitions, startedAt } = progress;
  const isWaiting = phase === 'waiting' && last !== undefined;
  const since = transitions.at(-1)?.at ?? startedAt;
  const where = isWaiting ? `${last.name} for ${passed(since)}` : DOING[phase];
  return [where, troubleOf(progress), `${passed(startedAt)} in all`].filter(Boolean).join(' · ');
}

/** Why looks fail at this moment. Once the restart has ended, its outcome tells the error. */
function troubleOf({ phase, error }: RestartProgress): string | undefined {
  if (error === undefined || phase === 'done') return undefined;
  const { code, httpStatus } = error;
  const message = error.message.replace(/\.$/, '');
  if (code === undefined && httpStatus === undefined)
    return `ModelArts does not answer: ${message}`;
  return `ModelArts answers with ${code ?? `HTTP ${httpStatus}`}: ${message}`;
}

/** The time since then, in whole seconds, because the line changes each second. */
function passed(since: string): string {
  const seconds = Math.floor((Date.now() - Date.parse(since)) / 1_000);
  return formatDuration(Math.max(0, seconds) * 1_000);
}

/** Tells how a restart ended, what that means and what to do about it. */
export function ending(outcome: RestartOutcome, paint: Paint): string {
  const { jobId, startedAt, endedAt, serviceUrl, attached } = outcome;
  const failure = failureOf(outcome);
  if (failure !== undefined) return `${paint('red', '✗')} job ${jobId}: ${failure.message}`;
  const took = formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
  const joined = attached ? ' (attached: this call sent no request)' : '';
  const url = serviceUrl === undefined ? '' : `\n  ${serviceUrl}`;
  return `${paint('green', '✓')} job ${jobId} is ${outcome.outcome} after ${took}${joined}${url}`;
}

function elapsed(from: string, to = from): string {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from));
  return `+${ms < 60_000 ? `${(ms / 1_000).toFixed(1)}s` : formatDuration(ms)}`;
}

/** Tells how a batch goes: a line for each event since the last call of `tell`. */
export class BatchStory {
  #isSelected = false;
  #isCanceled = false;
  readonly #failed = new Set<string>();
  /** How many did not get there without a line of their own. */
  #untold = 0;

  constructor(readonly paint: Paint) {}

  tell(progress: BatchProgress): string[] {
    const { phase, total, failures } = progress;
    const lines: string[] = [];
    if (!this.#isSelected && phase === 'restarting') {
      this.#isSelected = true;
      lines.push(`${total} ${total === 1 ? 'job' : 'jobs'} to restart`);
    }
    const news = failures.filter(({ jobId }) => !this.#failed.has(jobId));
    for (const { jobId } of news) this.#failed.add(jobId);
    // The progress has the last failures alone.
    const more = missedIn(progress) - this.#failed.size - this.#untold;
    if (more > 0) {
      this.#untold += more;
      lines.push(
        `${this.paint('red', '✗')} ${more} more ${more === 1 ? 'job' : 'jobs'}: the table at the end names them`,
      );
    }
    lines.push(...news.map((failure) => failureLine(failure, this.paint)));
    if (!this.#isCanceled && phase === 'canceling') {
      this.#isCanceled = true;
      lines.push(this.paint('yellow', 'somebody canceled the batch'));
    }
    return lines;
  }
}

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
