import type { NativeConnection } from '@temporalio/worker';
import { CLOCKS_DIFFER_MS, timeOf } from '../domain/temporal-clock.js';
import { monotonicNow, toMonotonic } from '../modelarts/clock.js';
import { answerBy } from '../temporal.js';

/** How long after an answer Temporal is asked again. */
const ASK_AGAIN_MS = 10_000;

/** A worker that has just started polls within a second, and somebody may wait for it to be ready. */
const UNTIL_FIRST_POLL_MS = 1_000;

const ANSWER_WITHIN_MS = 5_000;

/** `TASK_QUEUE_TYPE_…` of Temporal's API: workflow tasks and activity tasks. */
const QUEUE_TYPES = [1, 2] as const;

/** Which worker, and where it polls. */
export interface Poller {
  connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
  namespace: string;
  taskQueue: string;
  identity: string;
}

/**
 * Knows when the worker last polled Temporal, by Temporal's own account of who polls the task queue. The
 * SDK does not tell whether its polls arrive.
 */
export class LastPoll {
  readonly #poller: Poller;
  readonly #startedAt = monotonicNow();
  /** On the monotonic clock, so that a step of the wall clock does not make a worker unready. */
  #at: number | undefined;
  /** Temporal's time of the last poll that it told of. */
  #seenMs = 0;
  /** When Temporal was asked the last time that it answered, on the monotonic clock. */
  #askedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** Asks at once, and from then on again and again until it is closed. */
  constructor(poller: Poller) {
    this.#poller = poller;
    void this.#askAgainAndAgain();
  }

  /** The instant on the monotonic clock; `undefined` if Temporal has not told of a poll. */
  get at(): number | undefined {
    return this.#at;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #askAgainAndAgain(): Promise<void> {
    const askedAt = monotonicNow();
    try {
      const polls = await Promise.all(QUEUE_TYPES.map((type) => this.#ask(type)));
      this.#learn(Math.max(...polls), askedAt);
    } catch {
      // While Temporal does not answer, the last known poll grows old, and that is what counts.
    }
    if (this.#closed) return;
    const pauseMs = this.#at === undefined ? UNTIL_FIRST_POLL_MS : ASK_AGAIN_MS;
    this.#timer = setTimeout(() => void this.#askAgainAndAgain(), pauseMs);
    this.#timer.unref();
  }

  /** When Temporal saw this worker's last poll of one kind, in milliseconds since the epoch; 0 for never. */
  async #ask(taskQueueType: number): Promise<number> {
    const { connection, namespace, taskQueue, identity } = this.#poller;
    const deadline = Date.now() + ANSWER_WITHIN_MS;
    const call = connection.withDeadline(deadline, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType,
      }),
    );
    // The SDK's deadline should be enough. If a call outlives it, the next one must still be made.
    const { pollers } = await answerBy(deadline + 1_000, call);
    const own = (pollers ?? []).filter((poller) => poller.identity === identity);
    // Not in whole seconds: the poll after a short outage may come in the same second as the one before.
    return Math.max(0, ...own.map(({ lastAccessTime }) => timeOf(lastAccessTime).getTime()));
  }

  #learn(seenMs: number, askedAt: number): void {
    const isFirstAnswer = this.#askedAt === -Infinity;
    const at = toMonotonic(seenMs);
    // The first answer may tell of a worker with the same identity, as in a container that was restarted.
    const isOurs = !isFirstAnswer || at > this.#startedAt - CLOCKS_DIFFER_MS;
    if (isOurs && seenMs > this.#seenMs) {
      // A new poll came after Temporal was asked before, whatever its clock says.
      this.#at = Math.min(askedAt, Math.max(at, this.#askedAt));
    }
    this.#seenMs = Math.max(this.#seenMs, seenMs);
    this.#askedAt = askedAt;
  }
}
