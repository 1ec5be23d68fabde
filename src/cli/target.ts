import type { Client } from '@temporalio/client';
import { findBatch } from '../client/index.js';
import { batchId, type JobRef, jobInId } from '../domain/ids.js';
import { needProject } from './connect.js';
import { inputOf } from './flags.js';

/** What a word of the command line names: the restart of a job, or a batch. */
export type Target =
  | ({ kind: 'job' } & JobRef)
  /** `isName`: the word is a bare name, under which a schedule may have started batches too. */
  | { kind: 'batch'; workflowId: string; isName: boolean };

/**
 * Reads what a word names. Digits are a job's id. A word with a colon is a workflow id. Anything else is
 * the name of a batch.
 *
 * @throws InvalidInputError for digits that are no job id; UsageError if there is no project
 */
export function targetOf(word: string, project: string | undefined): Target {
  const job = jobInId(word);
  if (job !== undefined) return { kind: 'job', ...job };
  if (/^\d+$/.test(word)) {
    const projectId = needProject(project, process.env);
    inputOf(word, {}, projectId, undefined);
    return { kind: 'job', projectId, jobId: word };
  }
  if (word.includes(':')) return { kind: 'batch', workflowId: word, isName: false };
  const projectId = needProject(project, process.env);
  return { kind: 'batch', workflowId: batchId(projectId, word), isName: true };
}

/** Finds the workflow id of the batch that a word names. A bare name may stand for a run of its schedule. */
export function idOfBatch(
  client: Client,
  { workflowId, isName }: Extract<Target, { kind: 'batch' }>,
): Promise<string> {
  return isName ? findBatch(client, workflowId) : Promise.resolve(workflowId);
}

/** Quotes a word for a shell, where it needs that. */
export function quoted(word: string): string {
  return /^[\w:.~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
