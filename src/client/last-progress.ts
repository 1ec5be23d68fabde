import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { askProgress, type RestartEnd } from './describe-restart.js';
import { RestartError } from './errors.js';

/** Whoever has just heard of a cancellation waits longer: a worker was there a moment ago. */
const LAST_QUERY_WITHIN_MS = 15_000;

const ASK_AGAIN_AFTER_MS = 1_000;

/**
 * The last progress of a workflow that has ended. If a canceled one does not answer any more, it is made
 * from what was `known`.
 */
export async function lastProgress<P extends { phase: string }, O>(
  client: Client,
  handle: WorkflowHandle,
  end: RestartEnd<O>,
  known: P | undefined,
  signal: AbortSignal,
): Promise<P> {
  if (end.kind === 'canceled') {
    try {
      const progress = await askLastProgress<P>(client, handle, signal);
      // Under the same id, another run may have begun.
      if (progress.phase === 'done' || known === undefined) return progress;
      throw new Error('another run answers');
    } catch (error) {
      if (signal.aborted || known === undefined) throw error;
      const endedAt = new Date().toISOString();
      return { ...known, phase: 'done', outcome: 'canceled', endedAt };
    }
  }
  if (end.outcome !== undefined) return { ...end.outcome, phase: 'done' } as O & P;
  const { type, message } = (end as Extract<RestartEnd<O>, { kind: 'failed' }>).failure;
  throw new RestartError(type, message);
}

/** Repeats the query whatever it fails with: right after the end, a busy server refuses queries for a moment. */
async function askLastProgress<P>(
  client: Client,
  handle: WorkflowHandle,
  signal: AbortSignal,
): Promise<P> {
  for (const until = Date.now() + LAST_QUERY_WITHIN_MS; ;) {
    try {
      return await askProgress<P>(client, handle, until - Date.now(), signal);
    } catch (error) {
      if (signal.aborted || Date.now() + ASK_AGAIN_AFTER_MS > until) throw error;
      await pause(ASK_AGAIN_AFTER_MS, undefined, { signal });
    }
  }
}
