import type { JobRef } from '../domain/answer.js';
import { parseRestartRequest } from '../domain/parse-request.js';
import type { RestartInput } from '../domain/request.js';
import { InvalidInputError } from './errors.js';

/** Reads the job that an input is for; every problem of the whole input in one error. */
export function jobOf(input: RestartInput, defaultProjectId?: string): JobRef {
  const given = { ...input, projectId: input.projectId ?? defaultProjectId };
  const request = parseRestartRequest(given);
  if (!request.ok) throw new InvalidInputError(request.problems);
  const { projectId, jobId } = request.value;
  if (projectId !== undefined) return { projectId, jobId };
  throw new InvalidInputError(['projectId is missing: give it in the input or as an option']);
}
