import type { ReadAnswer, RequestAnswer, ServiceError } from '../domain/answer.js';

/** What ModelArts last answered, for those who ask after the worker's health. */
export class ModelArtsState {
  #ok: boolean | undefined;
  #lastError: { at: string; error: ServiceError } | undefined;

  /** Called with the answer of each exchange. */
  answered(answer: ReadAnswer<unknown> | RequestAnswer): void {
    // A refusal is an answer: the service is there.
    this.#ok = ['read', 'accepted', 'refused'].includes(answer.kind);
    if (answer.kind === 'read' || answer.kind === 'accepted') return;
    this.#lastError = { at: new Date().toISOString(), error: answer.error };
  }

  /** `ok` is absent before the first answer. */
  get report(): { ok?: boolean; lastError?: object } {
    return {
      ...(this.#ok !== undefined && { ok: this.#ok }),
      ...(this.#lastError && { lastError: { at: this.#lastError.at, ...this.#lastError.error } }),
    };
  }
}
