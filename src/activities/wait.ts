import { Context } from '@temporalio/activity';
import type { LookResult } from '../domain/answer.js';
import { waitForChange, WaitEnded, type StatusFeed, type WaitMemory } from '../feed/index.js';
import type { WaitInput } from './activities.js';
import { heartbeatWhile, STAY_BEAT_MS } from './heartbeat.js';
import { workerStopping } from './retryable.js';

/** One attempt of a wait: stays on the worker's feed, and hands over when the worker stops. */
export async function waitForStatusChange(
  feed: StatusFeed,
  exchangeMs: number,
  input: WaitInput,
): Promise<LookResult> {
  const { info, cancellationSignal: signal } = Context.current();
  const key = `${info.workflowExecution?.workflowId}/${info.workflowExecution?.runId}`;
  const memory = { ...(info.heartbeatDetails as WaitMemory | undefined) };
  const options = { key, exchangeMs, signal, memory };
  try {
    const wait = (): Promise<LookResult> => waitForChange(feed, input, options);
    return await heartbeatWhile(wait, STAY_BEAT_MS, () => memory);
  } catch (error) {
    const stops = Context.current().cancellationDetails?.workerShutdown === true;
    if (!(stops || error instanceof WaitEnded)) throw error;
    // The next attempt reads the memory from the last heartbeat.
    Context.current().heartbeat(memory);
    throw workerStopping();
  }
}
