import { setCurrentDetails } from '@temporalio/workflow';
import { JOB_OUTCOMES } from '../domain/batch-outcome.js';
import { failureOfBatch } from '../domain/failures.js';
import type { Batch } from './batch.js';

/** How many of the last failures, and of the jobs under way, are shown: as many as fit a glance. */
const SHOWN = 12;

const BAR = 10;

/**
 * Shows in the Temporal UI, as Markdown, how far the batch is, what it waits for and what has failed.
 * Costs no event: Temporal asks the worker for this text when somebody looks.
 */
export function showBatch(batch: Batch): void {
  const {
    phase,
    labels: { name },
  } = batch;
  const title = name === undefined ? '**Batch**' : `**Batch ${name}**`;
  setCurrentDetails(
    [
      `${title}: ${phase === 'selecting' ? 'no job is sent yet' : countsOf(batch)}`,
      `**Now**: ${doingOf(batch)}`,
      ...failuresOf(batch),
      ...(phase === 'done' ? advice(batch) : []),
    ].join('\n'),
  );
}

/** `██████░░░░ 412 of 1,000 · 380 running · 3 failed · 20 under way` */
function countsOf({ record }: Batch): string {
  const { total, ...counts } = record.counts;
  const ended = total - record.waiting - record.underWay.size;
  const filled = total === 0 ? BAR : Math.floor((BAR * ended) / total);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  const each = JOB_OUTCOMES.filter((outcome) => counts[outcome] > 0).map(
    (outcome) => `${grouped(counts[outcome])} ${outcome}`,
  );
  const underWay = record.underWay.size;
  const parts = [...each, ...(underWay > 0 ? [`${grouped(underWay)} under way`] : [])];
  return [`\`${bar}\` ${grouped(ended)} of ${grouped(total)}`, ...parts].join(' · ');
}

function doingOf({ phase, record, plan }: Batch): string {
  const { waiting, underWay } = record;
  switch (phase) {
    case 'selecting':
      return plan === undefined ? 'asking the worker for its defaults' : 'finding the jobs';
    case 'restarting': {
      const shown = [...underWay].slice(0, SHOWN).map((index) => record.jobIds[index]!);
      const jobs = `waits for ${shown.join(', ')}${underWay.size > SHOWN ? ', …' : ''}`;
      if (waiting === 0) return `nothing more to send; ${jobs}`;
      return `${jobs}; ${grouped(waiting)} to send, ${plan?.maxConcurrent} at a time`;
    }
    case 'canceling':
      return `canceled; waits for the ends of ${grouped(underWay.size)} restarts that it started`;
    case 'done':
      return 'ended';
  }
}

/** Begins with an empty line, because Markdown needs one before a list. */
function failuresOf({ record, plan }: Batch): string[] {
  const { failures, missed } = record;
  if (failures.length === 0) return [];
  const limit = plan?.stopAfterFailures;
  const stops =
    limit === undefined ? '' : `, of ${grouped(limit)} after which nothing more is sent`;
  const shown = failures.slice(-SHOWN).map(({ jobId, outcome, message }) => {
    return `- job ${jobId}: ${outcome}${message === '' ? '' : `: ${message}`}`;
  });
  return ['', `**Did not get there** (${grouped(missed)}${stops})`, '', ...shown];
}

function advice({ record }: Batch): string[] {
  const failed = failureOfBatch(record.counts);
  return failed === undefined ? [] : ['', failed.message];
}

/** `1,000`. The sandbox's own formatting would depend on the worker's locale. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
