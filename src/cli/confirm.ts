import { createInterface } from 'node:readline/promises';
import type { BatchInput } from '../client/index.js';
import { EXIT, type ExitCode } from '../exit.js';
import { tell } from './output.js';
import {
  JobsNotReadError,
  readJobs,
  parsedSelection,
  settingsOf,
  withModelArts,
} from './read-jobs.js';

/** A call for more jobs than this asks first. */
const ASK_ABOVE = 10;

/**
 * Asks on a terminal before many jobs are restarted; not with `--yes`.
 *
 * @param count counts the jobs; returns a sentence if their number is not known
 * @returns the exit code to end with, or `undefined` to go on
 */
export async function codeUnlessConfirmed(
  { yes }: { yes?: boolean },
  count: () => Promise<number | string>,
): Promise<ExitCode | undefined> {
  if (yes === true || !process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const jobs = await count();
  if (typeof jobs === 'number' && jobs <= ASK_ABOVE) return undefined;
  const question =
    typeof jobs === 'number' ? `Restart ${jobs} jobs?` : `Restart all jobs that match? ${jobs}.`;
  const answer = await ask(`${question} [y/N] `);
  if (answer === 'yes') return undefined;
  tell('Nothing was started.');
  return answer === 'no' ? EXIT.failed : EXIT.interrupted;
}

/** Counts the jobs that a batch would restart now. Returns a sentence if they can't be counted here. */
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
      readJobs(modelarts, projectId, parsedSelection(select)),
    );
    return jobs.length;
  } catch (error) {
    if (!(error instanceof JobsNotReadError)) throw error;
    return `How many is not known: ${error.message.replace(/\.$/, '')}`;
  }
}

/** Asks on standard error where that is a terminal, because standard output may be for a document. */
async function ask(question: string): Promise<'yes' | 'no' | 'interrupted'> {
  const output = process.stderr.isTTY ? process.stderr : process.stdout;
  const prompt = createInterface({ input: process.stdin, output });
  const over = new AbortController();
  let end: 'no' | 'interrupted' = 'no';
  prompt.once('SIGINT', () => {
    end = 'interrupted';
    over.abort();
  });
  // Ctrl-D
  prompt.once('close', () => over.abort());
  try {
    const answer = await prompt.question(question, { signal: over.signal });
    return /^y(es)?$/i.test(answer.trim()) ? 'yes' : 'no';
  } catch (error) {
    if (!over.signal.aborted) throw error;
    output.write('\n');
    return end;
  } finally {
    prompt.close();
  }
}
