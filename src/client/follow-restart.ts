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
import { askProgress, lastProgress, restartEnd, type RestartEnd } from './describe-restart.js';
import { RestartError, TemporalUnreachableError } from './errors.js';
import { callingWithin } from './temporal-call.js';

/** What is followed: the answer of `startRestart`, or an id alone. */
export interface FollowTarget {
  workflowId: string;
  /** Default: the newest run. */
  runId?: string;
  /** Whoever joined did not start it: what is shown then says `attached`. */
  joined?: boolean;
}

export interface FollowOptions {
  /**
   * How long to pause between two questions, or a function that says so by how long it has been
   * followed; default 1000. The end is learnt at once all the same.
   */
  everyMs?: number | ((followedMs: number) => number);
  /** How long Temporal may be away before following is given up; default 60000. */
  patienceMs?: number;
  /** Ends the following, with the signal's reason; the restart goes on. */
  signal?: AbortSignal;
  /** A worker that is away answers no question: told once for each time. */
  onSilence?: (error: unknown) => void;
}

const EVERY_MS = 1_000;
const PATIENCE_MS = 60_000;

/** A wait for the end begins anew after so long: the SDK keeps a listener on its signal for each call. */
const TURN_MS = 120_000;

/**
 * Follows a restart: yields its progress on each change, and last its outcome, with `phase: 'done'`,
 * whether it got there or not. A worker that is away for a moment is waited for.
 *
 * @throws RestartNotFoundError; RestartError where it ended without an outcome (it was terminated);
 * TemporalUnreachableError where Temporal stays away
 */
export async function* followRestart(
  client: Client,
  target: FollowTarget,
  options: FollowOptions = {},
): AsyncGenerator<RestartProgress, void, undefined> {
  const { everyMs = EVERY_MS, patienceMs = PATIENCE_MS, signal, onSilence } = options;
  const handle = client.workflow.getHandle(target.workflowId, target.runId);
  const over = new AbortController();
  const stop = () => over.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const ended = untilEnd(client, handle, over.signal);
  // Waited for in a race; where that is left early, nobody else does.
  ended.catch(() => undefined);
  let known: RestartProgress | undefined;
  let isSilent = false;
  let goneSince: number | undefined;
  let question = new AbortController();
  const startedAt = Date.now();
  const pauseMs = () => (typeof everyMs === 'number' ? everyMs : everyMs(Date.now() - startedAt));
  try {
    for (;;) {
      const askedAt = Date.now();
      question = new AbortController();
      const answer = await Promise.race([ended, ask(client, handle, question.signal)]);
      signal?.throwIfAborted();
      if ('kind' in answer && answer.kind !== 'silent') {
        const last = await lastProgress(client, handle, answer, known);
        yield shown(last, target);
        return;
      }
      if ('kind' in answer) {
        if (!isSilent) onSilence?.(answer.error);
        isSilent = true;
        // Nobody answers for a worker that is away either: only then is it asked who is missing.
        const isGone = !(await Promise.race([
          ended.then(() => true),
          isTemporalThere(client, handle),
        ]));
        goneSince = isGone ? (goneSince ?? askedAt) : undefined;
        if (isGone && Date.now() - (goneSince ?? askedAt) >= patienceMs) throw answer.error;
      } else {
        isSilent = false;
        goneSince = undefined;
        // The very end comes with the workflow's result: then its answers to all others are given too.
        if (answer.phase !== 'done' && !isSame(answer, known)) yield shown(answer, target);
        known = answer;
      }
      await Promise.race([ended, pause(pauseMs(), undefined, { signal: over.signal })]);
    }
  } catch (error) {
    // The pause has an error of its own for it.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    over.abort();
    question.abort();
  }
}

type Answer = RestartProgress | { kind: 'silent'; error: unknown };

async function ask(client: Client, handle: WorkflowHandle, signal: AbortSignal): Promise<Answer> {
  try {
    return await askProgress(client, handle, undefined, signal);
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

/** Waits for the end, however long Temporal is away: the questions tell when that is too long. */
async function untilEnd(
  client: Client,
  handle: WorkflowHandle,
  signal: AbortSignal,
): Promise<RestartEnd> {
  for (;;) {
    const turn = new AbortController();
    const stop = () => turn.abort();
    const timer = setTimeout(stop, TURN_MS);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      return await client.connection.withAbortSignal(turn.signal, () => restartEnd(client, handle));
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

function isSame(a: RestartProgress, b: RestartProgress | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

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
