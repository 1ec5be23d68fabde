import type { BatchInput, JobSelection } from '../client/index.js';
import { readSettings, type Settings } from '../config.js';
import type { ReadSelection } from '../domain/batch-options.js';
import { parseSelection } from '../domain/parse-batch.js';
import { SettingsError } from '../environment.js';
import { JobsNotReadError, readJobs, withModelArts } from './read-jobs.js';

/** How many jobs a batch would restart at this moment; a sentence if that can't be known here. */
export async function countJobs(
  { jobIds, select }: BatchInput,
  projectId: string,
  environment: NodeJS.ProcessEnv,
): Promise<number | string> {
  if (jobIds !== undefined) return new Set(jobIds.map(String)).size;
  const settings = settingsOf(environment);
  if (typeof settings === 'string') return `How many is not known here: ${settings}`;
  try {
    const jobs = await withModelArts(settings, (modelarts) =>
      readJobs(modelarts, projectId, selectionIn(select)),
    );
    return jobs.length;
  } catch (error) {
    if (!(error instanceof JobsNotReadError)) throw error;
    return `How many is not known: ${error.message.replace(/\.$/, '')}`;
  }
}

/** The settings for ModelArts, or why there are none. */
export function settingsOf(environment: NodeJS.ProcessEnv): Settings | string {
  try {
    return readSettings(environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return 'the settings for ModelArts are not set here, or bad (see doctor)';
  }
}

/** Reads a selection that has been checked. */
export function selectionIn(select: JobSelection): ReadSelection {
  const parsed = parseSelection(select);
  if (!parsed.ok) throw new TypeError(parsed.problems.join('; '));
  return parsed.value;
}
