import type { JobRef } from '../domain/ids.js';
import { parseRestartInput } from '../domain/parse-options.js';
import type { RestartInput } from '../domain/options.js';
import { InvalidInputError } from './errors.js';

/** Reads the job that an input is for. Throws one error with every problem of the whole input. */
export function jobOf(input: RestartInput, defaultProjectId?: string): JobRef {
  const given = { ...input, projectId: input.projectId ?? defaultProjectId };
  const request = parseRestartInput(given);
  if (!request.ok) throw new InvalidInputError(request.problems);
  const { projectId, jobId } = request.value;
  if (projectId !== undefined) return { projectId, jobId };
  throw new InvalidInputError(['projectId is missing: give it in the input or as an option']);
}
