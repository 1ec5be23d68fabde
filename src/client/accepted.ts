import type { Client } from '@temporalio/client';
import { failureOf } from '../domain/failures.js';
import type { RestartAccepted, RestartOutcome } from '../domain/outcome.js';
import { RestartError } from './errors.js';
import { followRestart, type FollowTarget } from './follow-restart.js';

/** The pause between two queries grows, because most restarts are taken within a second. */
const everyMs = (followedMs: number): number => Math.min(2_000, Math.max(25, followedMs / 4));

/**
 * Waits until ModelArts took a restart; rejects with a `RestartError` if it did not. Asks by the
 * query, not by the update `accepted`, because Temporal takes only ten updates of one workflow at a
 * time and 2,000 in all, and the SDK silently repeats any further one that is refused.
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
