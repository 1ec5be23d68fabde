import type { JobRef, LookResult, ReadAnswer, Reading, ServiceError } from '../domain/answer.js';
import { judge } from '../domain/judge.js';
import { monotonicNow, toMonotonic, toWallClock } from './clock.js';
import type { Begun } from './looks.js';
import type { StatusFeed, Subscription } from './status-feed.js';

/**
 * What a wait for a change of status ends on.
 *
 * All instants are milliseconds since the epoch. They are read once, when the wait begins: a step
 * of the wall clock moves none of them later.
 */
export interface ChangeWait {
  job: JobRef;
  /** The status that is known: another one is the change. */
  last: number;
  pollIntervalMs: number;
  /** Look at once, also where another look was made a moment ago. */
  lookAtOnce: boolean;
  /** End on an unchanged status too, once a look that started at this instant or later showed it. */
  unchangedAtMs?: number;
  /** End with the first reading, whatever it shows. No look is made for it that is not due. */
  untilRead?: boolean;
  /** End as `no-reading` with a look that started at this instant or later and gave no usable answer. */
  troubleAtMs?: number;
  /** The last look is made now; then the wait ends, whatever was seen. */
  deadlineMs: number;
  /** Until then this status is believed only when a second look, at the job alone, shows it too. */
  doubt?: { code: number; untilMs: number };
  /** Only a change that decides something for a restart that waits until this ends the wait. */
  decisiveFor?: 'running' | 'finished';
  /** How long a 404 is waited through. */
  goneGraceMs: number;
}

/** Ends a wait that its worker gives up: another attempt goes on with it. */
export class WaitEnded extends Error {
  override readonly name = 'WaitEnded';
  constructor(readonly why: 'closed' | 'replaced') {
    super(why === 'closed' ? 'The feed was closed' : 'A newer wait took over');
  }
}

/** A look at the deadline that nobody answers is given up after one exchange and this much more. */
const LAST_ANSWER_SLACK_MS = 1_000;

const NO_LOOK: ServiceError = { message: 'no look was answered in time' };

const IN_DOUBT: ServiceError = {
  message: 'the last look showed the status before, and no time was left for a second one',
};

/**
 * What the attempt keeps across its own end, should another one have to go on.
 *
 * A worker that stops hands it over as it is. After a kill Temporal has what the SDK sent last,
 * which is up to 68 s old: the details are renewed every 20 s and sent every 48 s. The next attempt
 * then waits a 404 through for up to 68 s longer; or, where the job came back and was gone again in
 * that time, for less. No request depends on it, so heartbeats are not sent more often for it:
 * thousands of waits would cost the server two to three times as many calls.
 */
export interface WaitMemory {
  /** When the 404s began, in milliseconds since the epoch. */
  goneSinceMs?: number;
  /** Why the last look gave no reading; the Temporal UI shows it with the pending activity. */
  lastError?: string;
}

/**
 * Waits on the feed until the status differs from the one that is known.
 *
 * @param options.key who waits; a newer wait of the same one ends this one
 * @param options.exchangeMs the longest time that one look takes
 * @param options.memory kept up to date, to be handed to the next attempt
 * @throws {WaitEnded} where the feed is closed, or a newer wait took over; the signal's reason when it aborts
 */
export function waitForChange(
  feed: StatusFeed,
  wait: ChangeWait,
  options: { key: string; exchangeMs: number; signal: AbortSignal; memory: WaitMemory },
): Promise<LookResult> {
  const { key, exchangeMs, signal, memory } = options;
  return new Promise((resolve, reject) => {
    let lastError: ServiceError | undefined;
    let doubted = false;
    const deadline = toMonotonic(wait.deadlineMs);
    const unchangedAt = toMonotonic(wait.unchangedAtMs ?? Infinity);
    const troubleAt = toMonotonic(wait.troubleAtMs ?? Infinity);
    const doubtEnds = toMonotonic(wait.doubt?.untilMs ?? -Infinity);
    const lookAt = [unchangedAt, deadline].filter((instant) => instant !== Infinity);
    let goneSince = memory.goneSinceMs === undefined ? undefined : toMonotonic(memory.goneSinceMs);

    const finish = (end: () => void): void => {
      subscription.end();
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      end();
    };
    const decide = (result: LookResult): void => finish(() => resolve(result));
    const onAbort = (): void => finish(() => reject(signal.reason as Error));

    const onReading = (reading: Reading, { from, startedAt }: Begun): void => {
      lastError = undefined;
      goneSince = undefined;
      delete memory.goneSinceMs;
      delete memory.lastError;
      const { code } = reading.status;
      const unchanged = code === wait.last;
      const inDoubt = !unchanged && code === wait.doubt?.code && startedAt < doubtEnds;
      // A row of the list may be an old reading too: it raises the doubt but never settles it.
      if (inDoubt && !(doubted && from === 'detail')) {
        if (startedAt >= deadline) return decide({ kind: 'no-reading', error: IN_DOUBT });
        doubted = true;
        return subscription.lookNow();
      }
      doubted = false;
      const isTime = wait.untilRead === true || startedAt >= Math.min(unchangedAt, deadline);
      const { decisiveFor } = wait;
      const tells = decisiveFor === undefined || judge(decisiveFor, code) !== undefined;
      if ((!unchanged && tells) || isTime) decide({ kind: 'read', reading });
    };

    const onLook = (answer: ReadAnswer<Reading>, look: Begun): void => {
      if (answer.kind === 'read') return onReading(answer.value, look);
      const { startedAt } = look;
      lastError = answer.error;
      memory.lastError = answer.error.message;
      if (answer.kind === 'refused') {
        const isGone = answer.error.httpStatus === 404;
        if (isGone) memory.goneSinceMs ??= toWallClock((goneSince ??= startedAt));
        const passes = isGone && startedAt < goneSince! + wait.goneGraceMs;
        if (!passes) return decide({ kind: 'refused', error: answer.error });
      }
      // A 404 that is waited through is no trouble: a new wait would begin its grace anew.
      const endsAt = answer.kind === 'again' ? Math.min(troubleAt, deadline) : deadline;
      if (startedAt >= endsAt) decide({ kind: 'no-reading', error: answer.error });
    };

    const subscription: Subscription = feed.subscribe({
      job: wait.job,
      key,
      pollIntervalMs: wait.pollIntervalMs,
      lookAtOnce: wait.lookAtOnce,
      lookAt,
      onLook,
      onEnd: (why) => finish(() => reject(new WaitEnded(why))),
    });
    const giveUp = (error = NO_LOOK): void =>
      decide({ kind: 'no-reading', error: lastError ?? error });
    let timer = setTimeout(
      () => {
        // A throttled project makes no last look; otherwise its answer is waited for.
        const pause = feed.pauseOf(wait.job.projectId);
        if (pause !== undefined) giveUp(pause.error);
        else timer = setTimeout(() => giveUp(), exchangeMs + LAST_ANSWER_SLACK_MS);
      },
      Math.max(0, deadline - monotonicNow()),
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
