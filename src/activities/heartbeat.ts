import { Context } from '@temporalio/activity';

/** Several within the shortest heartbeat timeout (15s). The SDK sends one per 80 % of the timeout. */
const REQUEST_BEAT_MS = 4_000;

/** How often a staying attempt renews its details. Its timeout is 60s, so the SDK sends every 48s. */
export const STAY_BEAT_MS = 20_000;

/**
 * Heartbeats while something goes on, so that Temporal soon notices when the worker is gone.
 *
 * @param details read at each beat; the next attempt finds them in its `heartbeatDetails`
 */
export async function heartbeatWhile<T>(
  work: () => Promise<T>,
  everyMs = REQUEST_BEAT_MS,
  details: () => unknown = () => undefined,
): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(details()), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
