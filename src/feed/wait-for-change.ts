import type { LookResult, ReadAnswer, Reading, ServiceError } from '../domain/answer.js';
import { ChangeJudge, type ChangeWait } from '../domain/change-wait.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow, toMonotonic, toWallClock } from '../modelarts/clock.js';
import type { Begun } from './watched-job.js';
import type { StatusFeed, Subscription } from './status-feed.js';

/** Thrown when this worker gives up a wait, which another attempt then continues. */
export class WaitEnded extends Error {
  override readonly name = 'WaitEnded';
  constructor(readonly why: 'closed' | 'replaced') {
    super(why === 'closed' ? 'The feed was closed' : 'A newer wait took over');
  }
}

/** Thrown after one look that does not end the wait, if the wait is not to stay on this worker. */
export class LookedOnce extends Error {
  override readonly name = 'LookedOnce';
  /** @param againInMs when the next look is due */
  constructor(readonly againInMs: number) {
    super('One look was made');
  }
}

/** The last look starts at the deadline. Its answer may take this much longer than one exchange. */
const LAST_ANSWER_SLACK_MS = 1_000;

/** The error where no look was answered in time and nothing else says why. */
const NO_LOOK: ServiceError = { message: 'no look was answered in time' };

/**
 * What an attempt leaves to the next one.
 *
 * A worker that stops hands over its newest state. After a kill, Temporal has only what the SDK sent
 * last, which is up to 68 s old: the details are renewed every 20 s and sent every 48 s. The next
 * attempt may then wait through a 404 for up to 68 s longer, or for less time if the job came back
 * and was gone again meanwhile. No request depends on this. More frequent heartbeats are not worth
 * their price: with thousands of waits, the server would get two to three times as many calls.
 */
export interface WaitMemory {
  /** When the 404s began, in milliseconds since the epoch. */
  goneSinceMs?: number;
  /** Why the last look gave no reading; the Temporal UI shows it with the pending activity. */
  lastError?: string;
  /** With one look per attempt: how many looks in a row gave no reading. */
  failures?: number;
}

/**
 * Waits on the feed until the status differs from the known one.
 *
 * @param options.key names who waits; a newer wait with the same key ends this one
 * @param options.exchangeMs the longest time that one look takes
 * @param options.memory updated after each look, for the next attempt
 * @param options.once one look at once, and no wait for the next one
 * @throws {LookedOnce} with `once`, if that look does not end the wait
 * @throws {WaitEnded} if the feed is closed or a newer wait takes over; the signal's reason if it aborts
 */
export function waitForChange(
  feed: StatusFeed,
  wait: ChangeWait,
  options: {
    key: string;
    exchangeMs: number;
    signal: AbortSignal;
    memory: WaitMemory;
    once?: boolean;
  },
): Promise<LookResult> {
  const { key, exchangeMs, signal, memory, once = false } = options;
  return new Promise((resolve, reject) => {
    let lastError: ServiceError | undefined;
    const onMonotonic = onMonotonicClock(wait);
    const { deadlineMs: deadline, unchangedAtMs: unchangedAt } = onMonotonic;
    const lookAt = unchangedAt === undefined ? [deadline] : [unchangedAt, deadline];
    const { goneSinceMs } = memory;
    const judge = new ChangeJudge(
      onMonotonic,
      goneSinceMs === undefined ? undefined : toMonotonic(goneSinceMs),
    );

    const finish = (end: () => void): void => {
      subscription.end();
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      end();
    };
    const decide = (result: LookResult): void => finish(() => resolve(result));
    const onAbort = (): void => finish(() => reject(signal.reason as Error));

    const onLook = (answer: ReadAnswer<Reading>, look: Begun): void => {
      lastError = answer.kind === 'read' ? undefined : answer.error;
      const verdict = judge.judge(answer, look);
      remember(memory, lastError, judge.goneSince);
      if (verdict === 'look-again') subscription.lookNow();
      else if (verdict !== 'wait') decide(verdict);
      else if (once) {
        // After a failure the next look comes soon, as for the waits that stay.
        if (answer.kind === 'read') delete memory.failures;
        else memory.failures = (memory.failures ?? 0) + 1;
        const pauseMs = memory.failures === undefined ? Infinity : pauseAfter(memory.failures);
        const againInMs = nextLookInMs(Math.min(wait.pollIntervalMs, pauseMs), lookAt);
        finish(() => reject(new LookedOnce(againInMs)));
      }
    };

    const subscription: Subscription = feed.subscribe({
      job: wait.job,
      key,
      pollIntervalMs: wait.pollIntervalMs,
      lookAtOnce: wait.lookAtOnce || once,
      lookAt,
      onLook,
      onEnd: (why) => finish(() => reject(new WaitEnded(why))),
    });
    const giveUp = (error: ServiceError): void =>
      decide({ kind: 'no-reading', error: lastError ?? error });
    let timer = setTimeout(
      () => {
        const { waitMs, error } = lastLookOf(feed, wait.job.projectId, exchangeMs);
        if (waitMs === 0) giveUp(error);
        else timer = setTimeout(() => giveUp(error), waitMs);
      },
      Math.max(0, deadline - monotonicNow()),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

/**
 * How long to wait for the answer of the last look, which is due now. 0 if no look will be made: the
 * project is throttled, or the budget will have no room in time.
 */
export function lastLookOf(
  feed: StatusFeed,
  projectId: string,
  exchangeMs: number,
): { waitMs: number; error: ServiceError } {
  const pause = feed.pauseOf(projectId);
  const inMs = pause === undefined ? 0 : pause.until - monotonicNow();
  const { error = NO_LOOK, isPace = false } = pause ?? {};
  if (pause !== undefined && !(isPace && inMs <= exchangeMs)) return { waitMs: 0, error };
  return { waitMs: inMs + exchangeMs + LAST_ANSWER_SLACK_MS, error };
}

/** Converts the wait's instants once, at its start, so that no later step of the wall clock moves them. */
function onMonotonicClock(wait: ChangeWait): ChangeWait {
  const { deadlineMs, unchangedAtMs, troubleAtMs, doubt } = wait;
  return {
    ...wait,
    deadlineMs: toMonotonic(deadlineMs),
    ...(unchangedAtMs !== undefined && { unchangedAtMs: toMonotonic(unchangedAtMs) }),
    ...(troubleAtMs !== undefined && { troubleAtMs: toMonotonic(troubleAtMs) }),
    ...(doubt && { doubt: { ...doubt, untilMs: toMonotonic(doubt.untilMs) } }),
  };
}

/** How long until the next look is due: after the interval, or at an instant before. */
function nextLookInMs(pollIntervalMs: number, instants: readonly number[]): number {
  const now = monotonicNow();
  const ahead = instants.filter((instant) => instant > now).map((instant) => instant - now);
  return Math.min(pollIntervalMs, ...ahead);
}

function remember(
  memory: WaitMemory,
  lastError: ServiceError | undefined,
  goneSince: number | undefined,
): void {
  if (lastError === undefined) delete memory.lastError;
  else memory.lastError = lastError.message;
  if (goneSince === undefined) delete memory.goneSinceMs;
  else memory.goneSinceMs ??= toWallClock(goneSince);
}
