import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { defined } from '../domain/defined.js';
import { monotonicNow, toWallClock } from '../modelarts/clock.js';
import { addressOf, listen, type ListenAddress } from './listen.js';

/** A long poll lasts a minute (Temporal's default), and the next one follows at once. */
const LONGEST_SILENCE_MS = 75_000;

/** What credentials the worker has. Names and times only, no values. */
export interface CredentialsHealth {
  from: string;
  /** When they end; absent where that is not known, or never. */
  end?: string;
  /** Whether calls can be made with them, as far as is known. */
  usable: boolean;
}

/** What is asked after once the worker is there. */
export interface Watched {
  /** The SDK's state of the worker. */
  state: () => string;
  buildId: string | undefined;
  /** On the monotonic clock; `undefined` if there was none yet. */
  lastPollAt: () => number | undefined;
  waits: () => number;
  credentials: () => CredentialsHealth;
  modelarts: () => { ok?: boolean; lastError?: object };
}

/** Answers `/livez` and `/readyz`. */
export class Health {
  #watched: Watched | undefined;
  readonly #facts: { version: string; taskQueue: string };
  readonly #stopping: AbortSignal;
  #server: Server | undefined;

  constructor(facts: { version: string; taskQueue: string }, stopping: AbortSignal) {
    this.#facts = facts;
    this.#stopping = stopping;
  }

  /**
   * Begins to answer, before there is a worker: a worker that waits for Temporal lives, but is not ready.
   *
   * @returns the address
   * @throws SettingsError if the address can't be had
   */
  async listen(address: ListenAddress): Promise<string> {
    this.#server = await listen(address, (request, response) => this.#answer(request, response));
    // The worker ends when its work has ended, whoever still asks.
    this.#server.unref();
    return addressOf(this.#server);
  }

  watch(watched: Watched): void {
    this.#watched = watched;
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const path = url.split('?')[0];
    const isOk = path === '/livez' ? this.isLive : path === '/readyz' ? this.isReady : undefined;
    const isRead = method === 'GET' || method === 'HEAD';
    const status = isOk === undefined ? 404 : !isRead ? 405 : isOk ? 200 : 503;
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(isOk === undefined || !isRead ? undefined : `${JSON.stringify(this.report())}\n`);
  }

  /** That there is an answer shows that the event loop turns. */
  get isLive(): boolean {
    return this.#state !== 'FAILED';
  }

  get isReady(): boolean {
    if (this.#watched === undefined || this.#state !== 'RUNNING') return false;
    const lastPollAt = this.#watched.lastPollAt() ?? -Infinity;
    const { usable } = this.#watched.credentials();
    return usable && monotonicNow() - lastPollAt < LONGEST_SILENCE_MS;
  }

  report(): object {
    const { version, taskQueue } = this.#facts;
    const lastPollAt = this.#watched?.lastPollAt();
    return {
      state: this.#state,
      version,
      ...defined({ buildId: this.#watched?.buildId }),
      taskQueue,
      ...(lastPollAt !== undefined && {
        lastPoll: new Date(toWallClock(lastPollAt)).toISOString(),
      }),
      waits: this.#watched?.waits() ?? 0,
      ...defined({
        credentials: this.#watched?.credentials(),
        modelarts: this.#watched?.modelarts(),
      }),
    };
  }

  get #state(): string {
    const state = this.#watched?.state();
    if (state === 'FAILED') return state;
    if (this.#stopping.aborted) return 'STOPPING';
    return state ?? 'STARTING';
  }
}
