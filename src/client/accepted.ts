import type { Client } from '@temporalio/client';
import { failureOf } from '../domain/failures.js';
import type { RestartAccepted, RestartOutcome } from '../domain/outcome.js';
import { RestartError } from './errors.js';
import { followRestart, type FollowTarget } from './follow-restart.js';

/** Most restarts are taken within a second; those that wait for long need not ask a worker so often. */
const everyMs = (followedMs: number): number => Math.min(2_000, Math.max(25, followedMs / 4));

/**
 * Waits until ModelArts took a restart; rejects with a `RestartError` where it did not. It asks by
 * the query, not by the update `accepted`: of one workflow, Temporal takes ten updates at a time and
 * 2,000 in all, and whoever comes after those would be told nothing for a while.
 */
export async function acceptedBy(
  client: Client,
  { workflowId, runId, joined = false }: FollowTarget,
  signal?: AbortSignal,
): Promise<RestartAccepted> {
  const target = { workflowId, ...(runId !== undefined && { runId }) };
  const following = followRestart(client, target, { everyMs, ...(signal && { signal }) });
  for await (const { phase, restart: _, ...progress } of following) {
    const { before, acceptedAt } = progress;
    const attached = progress.attached || joined;
    const failure = phase === 'done' ? failureOf(progress as RestartOutcome) : undefined;
    if (acceptedAt !== undefined || progress.attached || (phase === 'done' && !failure)) {
      return { ...(before && { before }), ...(acceptedAt && { acceptedAt }), attached };
    }
    if (failure === undefined) continue;
    throw new RestartError(failure.type, failure.message, {
      ...(progress as RestartOutcome),
      attached,
    });
  }
  throw new Error('the restart ended without an outcome');
}
