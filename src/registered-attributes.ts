import type { NativeConnection } from '@temporalio/worker';
import { answerBy } from './answer-by.js';
import { SEARCH_ATTRIBUTES } from './names.js';
import type { TemporalAccess } from './temporal.js';

/** `setup` may run while the worker does: what it registers is known within a minute. */
const ASK_AGAIN_MS = 50_000;

/** A namespace that is slow or throttled has its rest, and is asked again soon all the same. */
const AFTER_FAILURE_MS = 15_000;

const ANSWER_WITHIN_MS = 5_000;

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/**
 * Knows which of the project's search attributes the namespace has registered as Keyword. Temporal
 * is asked beside the restarts, one call at a time, and never by them: where it does not answer,
 * what was known before counts, or none.
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
    // It must not keep a process that has nothing else to do.
    this.#timer.unref();
  }

  async #ask(): Promise<string[]> {
    const deadline = Date.now() + ANSWER_WITHIN_MS;
    const call = this.#connection.withDeadline(deadline, () =>
      this.#connection.operatorService.listSearchAttributes({ namespace: this.#namespace }),
    );
    // The SDK's own deadline should be enough; a call that outlives it must not be the last one.
    const { customAttributes } = await answerBy(deadline + 1_000, call);
    return SEARCH_ATTRIBUTES.filter((name) => Number(customAttributes?.[name]) === KEYWORD);
  }
}
