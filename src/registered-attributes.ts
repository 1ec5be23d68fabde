import type { NativeConnection } from '@temporalio/worker';
import { answerBy, type TemporalAccess } from './temporal.js';
import { registeredAmong } from './names.js';

/** `setup` may register attributes while the worker runs. The worker learns of them within a minute. */
const ASK_AGAIN_MS = 50_000;

/** After a failure it asks again sooner, but not at once: the namespace may be slow or throttled. */
const AFTER_FAILURE_MS = 15_000;

const ANSWER_WITHIN_MS = 5_000;

/**
 * Knows which of the project's search attributes the namespace has registered as Keyword. Asks
 * Temporal in the background, one call at a time, so that no restart waits for it. If Temporal does
 * not answer, the last known names count; at first there are none.
 */
export class RegisteredAttributes {
  readonly #connection: Pick<NativeConnection, 'operatorService' | 'withDeadline'>;
  readonly #namespace: string;
  #known: readonly string[] = [];
  /** Resolves once Temporal has answered for the first time, or failed to. */
  readonly asked: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** Asks at once, and from then on about once a minute until it is closed. */
  constructor({ connection, namespace }: Pick<TemporalAccess, 'connection' | 'namespace'>) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.asked = this.#askAgainAndAgain();
  }

  names(): string[] {
    return [...this.#known];
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #askAgainAndAgain(): Promise<void> {
    let pauseMs = ASK_AGAIN_MS;
    try {
      this.#known = await this.#ask();
    } catch {
      // Some servers don't serve this call, and some credentials may not make it.
      pauseMs = AFTER_FAILURE_MS;
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#askAgainAndAgain(), pauseMs);
    // The timer must not keep a process alive that has nothing else to do.
    this.#timer.unref();
  }

  async #ask(): Promise<string[]> {
    const deadline = Date.now() + ANSWER_WITHIN_MS;
    const call = this.#connection.withDeadline(deadline, () =>
      this.#connection.operatorService.listSearchAttributes({ namespace: this.#namespace }),
    );
    // The SDK's deadline should be enough. If a call outlives it, the next one must still be made.
    const { customAttributes } = await answerBy(deadline + 1_000, call);
    return registeredAmong(customAttributes);
  }
}
