import { readSettings } from '../config.js';
import type { JobRef } from '../domain/answer.js';
import { adviceFor, codeOf } from '../domain/refusals.js';
import type { Status } from '../domain/status.js';
import { createModelArtsClient } from '../modelarts/index.js';

/** A job as ModelArts shows it; `not-asked` where the settings for ModelArts are not here. */
export type JobStatus =
  | { kind: 'shown'; status: Status; serviceUrl?: string }
  | { kind: 'not-shown'; why: string }
  | { kind: 'not-asked'; why: string };

/** Looks at a job with the worker's settings, where this environment has them too. A read. */
export async function statusOfJob(job: JobRef, environment: NodeJS.ProcessEnv): Promise<JobStatus> {
  let settings;
  try {
    settings = readSettings(environment);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SettingsError') throw error;
    return { kind: 'not-asked', why: 'the settings for it are not set here, or bad (see doctor)' };
  }
  const modelarts = createModelArtsClient(settings);
  try {
    const answer = await modelarts.detail(job);
    if (answer.kind === 'read') {
      const { status, serviceUrl } = answer.value;
      return { kind: 'shown', status, ...(serviceUrl !== undefined && { serviceUrl }) };
    }
    const { error } = answer;
    const advice = answer.kind === 'refused' ? ` ${adviceFor(error)}` : '';
    const code =
      error.code === undefined && error.httpStatus === undefined ? '' : `${codeOf(error)}: `;
    return { kind: 'not-shown', why: `${code}${error.message}.${advice}` };
  } finally {
    await modelarts.close();
  }
}
