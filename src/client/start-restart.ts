import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RestartAccepted } from '../domain/outcome.js';
import type { RestartInput } from '../domain/options.js';
import { NotAcceptedYetError } from './errors.js';
import { openRestart, type OpenOptions } from './open-restart.js';

export interface StartOptions extends OpenOptions {
  /** How long to wait for ModelArts to take the request, in milliseconds; default 60000. */
  acceptedWithinMs?: number;
}

/** A restart whose request ModelArts took, or which waits for a job without a request. */
export interface StartedRestart extends RestartAccepted {
  /** `restart:<projectId>:<jobId>` */
  workflowId: string;
  runId: string;
  /** Whether somebody else had already started it. */
  joined: boolean;
}

/** Several times the longest exchange of a worker with the default settings. */
const ACCEPTED_WITHIN_MS = 60_000;

/**
 * Restarts a visualization job: starts *the* restart of the job, or joins the one under way. Returns
 * once ModelArts took the request. To learn how it ends, pass the result to `followRestart`.
 *
 * @param input as `restartVisualizationJob` takes it; it or the options must name the project
 * @throws RestartError with the restart's own failure if ModelArts refuses; NotAcceptedYetError if
 * ModelArts does not answer in time (the restart goes on); and what `openRestart` throws
 */
export async function startRestart(
  client: Client,
  input: RestartInput,
  options: StartOptions = {},
): Promise<StartedRestart> {
  const { acceptedWithinMs = ACCEPTED_WITHIN_MS, ...open } = options;
  const { workflowId, runId, joined, accepted } = await openRestart(client, input, open);
  const over = new AbortController();
  try {
    const answer = await Promise.race([
      accepted(over.signal),
      pause(acceptedWithinMs, undefined, { signal: over.signal }).then(() => {
        throw new NotAcceptedYetError(workflowId, acceptedWithinMs);
      }),
    ]);
    return { workflowId, runId, joined, ...answer };
  } finally {
    over.abort();
  }
}
