import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { failureOf } from '../domain/failures.js';
import {
  asJoined,
  type RestartAccepted,
  type RestartOutcome,
  type RestartProgress,
} from '../domain/outcome.js';
import { askProgress, restartEnd, type RestartEnd } from './describe-restart.js';
import { RestartError, TemporalUnreachableError } from './errors.js';
import { lastProgress } from './last-progress.js';
import { callingWithin } from './temporal-call.js';

/** The restart to follow: the result of `startRestart`, or a workflow id alone. */
export interface FollowTarget {
  workflowId: string;
  /** Default: the newest run. */
  runId?: string;
  /** Whether the caller joined the restart. The progress then says `attached`. */
  joined?: boolean;
}

export interface FollowOptions {
  /**
   * The pause between two queries, or a function that computes it from how long the following has
   * lasted; default 1000. The end is seen at once in any case.
   */
  everyMs?: number | ((followedMs: number) => number);
  /** How long Temporal may be away before the following fails; default 60000. */
  patienceMs?: number;
  /** Ends the following, with the signal's reason; the restart goes on. */
  signal?: AbortSignal;
  /** Called once each time that queries begin to get no answer, because the worker is away. */
  onSilence?: (error: unknown) => void;
}

const EVERY_MS = 1_000;
const PATIENCE_MS = 60_000;

/** How long one wait for the end lasts. Each call leaves a listener on its signal, so each wait gets a new one. */
const TURN_MS = 120_000;

/**
 * Follows a restart: yields its progress on each change, and at last its outcome with `phase: 'done'`,
 * also if the restart failed. Waits through the absence of a worker.
 *
 * @throws RestartNotFoundError; RestartError if it ended without an outcome (it was terminated);
 * TemporalUnreachableError if Temporal stays away
 */
export async function* followRestart(
  client: Client,
  target: FollowTarget,
  options: FollowOptions = {},
): AsyncGenerator<RestartProgress, void, undefined> {
  const handle = client.workflow.getHandle(target.workflowId, target.runId);
  const following = followProgress<RestartProgress, RestartOutcome>(client, handle, options);
  for await (const progress of following) yield shown(progress, target);
}

/**
 * Follows a workflow that answers the query `progress`, as `followRestart` does.
 *
 * @param current is asked for the progress; by default the run whose result is waited for
 * @param goneMessage as `restartEnd` takes it
 */
export async function* followProgress<P extends { phase: string }, O>(
  client: Client,
  handle: WorkflowHandle,
  options: FollowOptions,
  current: WorkflowHandle = handle,
  goneMessage?: string,
): AsyncGenerator<P, void, undefined> {
  const { everyMs = EVERY_MS, patienceMs = PATIENCE_MS, signal, onSilence } = options;
  const over = new AbortController();
  const stop = () => over.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const ended = untilEnd<O>(client, handle, over.signal, goneMessage);
  // If the races below end early, nobody handles a rejection of this promise.
  ended.catch(() => undefined);
  let known: P | undefined;
  let isSilent = false;
  let goneSince: number | undefined;
  let question = new AbortController();
  const startedAt = Date.now();
  const pauseMs = () => (typeof everyMs === 'number' ? everyMs : everyMs(Date.now() - startedAt));
  try {
    for (;;) {
      const askedAt = Date.now();
      question = new AbortController();
      const answer = await Promise.race([ended, ask<P>(client, current, question.signal)]);
      signal?.throwIfAborted();
      if ('kind' in answer && answer.kind !== 'silent') {
        yield await lastProgress(client, current, answer, known, over.signal);
        return;
      }
      if ('kind' in answer) {
        if (!isSilent) onSilence?.(answer.error);
        isSilent = true;
        // A query also fails if only the worker is away, so check whether Temporal still has the workflow.
        const isGone = !(await Promise.race([
          ended.then(() => true),
          isTemporalThere(client, handle),
        ]));
        goneSince = isGone ? (goneSince ?? askedAt) : undefined;
        if (isGone && Date.now() - (goneSince ?? askedAt) >= patienceMs) throw answer.error;
      } else {
        isSilent = false;
        goneSince = undefined;
        // Waits for the workflow's result before it yields the end, so that others have their answers too.
        if (answer.phase !== 'done' && !isSame(answer, known)) yield answer;
        known = answer;
      }
      await Promise.race([ended, pause(pauseMs(), undefined, { signal: over.signal })]);
    }
  } catch (error) {
    // The pause throws an error of its own when the signal aborts.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    over.abort();
    question.abort();
  }
}

type Answer<P> = P | { kind: 'silent'; error: unknown };

async function ask<P>(
  client: Client,
  handle: WorkflowHandle,
  signal: AbortSignal,
): Promise<Answer<P>> {
  try {
    return await askProgress<P>(client, handle, undefined, signal);
  } catch (error) {
    return { kind: 'silent', error };
  }
}

async function isTemporalThere(client: Client, handle: WorkflowHandle): Promise<boolean> {
  try {
    await callingWithin(client, 2_000, () => handle.describe());
    return true;
  } catch (error) {
    return !(error instanceof TemporalUnreachableError);
  }
}

/** Waits for the end, however long Temporal is away. The queries find out when that is too long. */
async function untilEnd<O>(
  client: Client,
  handle: WorkflowHandle,
  signal: AbortSignal,
  goneMessage?: string,
): Promise<RestartEnd<O>> {
  for (;;) {
    const turn = new AbortController();
    const stop = () => turn.abort();
    const timer = setTimeout(stop, TURN_MS);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      return await client.connection.withAbortSignal(turn.signal, () =>
        restartEnd<O>(client, handle, goneMessage),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (turn.signal.aborted) continue;
      if (!(error instanceof TemporalUnreachableError)) throw error;
      await pause(EVERY_MS, undefined, { signal });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }
}

function shown(progress: RestartProgress, { joined = false }: FollowTarget): RestartProgress {
  return asJoined(progress, joined);
}

function isSame(a: object, b: object | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** The pause between two queries grows, because most restarts are taken within a second. */
const everyMs = (followedMs: number): number => Math.min(2_000, Math.max(25, followedMs / 4));

/**
 * Waits until ModelArts took the request; rejects with a `RestartError` if it did not. Uses the query,
 * not the update `accepted`, because Temporal takes only ten updates of one workflow at a time and
 * 2,000 in all, and the SDK silently repeats any further one.
 */
export async function acceptedBy(
  client: Client,
  { workflowId, runId, joined = false }: FollowTarget,
  signal?: AbortSignal,
): Promise<RestartAccepted> {
  const target = { workflowId, ...defined({ runId }) };
  const following = followRestart(client, target, { everyMs, ...defined({ signal }) });
  for await (const { phase, restart: _, ...progress } of following) {
    const { before, acceptedAt } = progress;
    const { attached } = asJoined(progress, joined);
    const failure = phase === 'done' ? failureOf(progress as RestartOutcome) : undefined;
    if (acceptedAt !== undefined || progress.attached || (phase === 'done' && !failure)) {
      return { ...defined({ before, acceptedAt }), attached };
    }
    if (failure === undefined) continue;
    throw new RestartError(failure.type, failure.message, {
      ...(progress as RestartOutcome),
      attached,
    });
  }
  throw new Error('the restart ended without an outcome');
}
