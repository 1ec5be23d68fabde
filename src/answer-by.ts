import { orAborted } from './domain/or-aborted.js';

/** There was none in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor() {
    super('no answer');
  }
}

/**
 * Waits for an answer until then at the latest, and no longer than until the signal aborts. The call
 * itself is left to end: the SDK's native part can't abort one.
 *
 * @throws NoAnswer when the time is up; the signal's reason when it aborts
 */
export async function answerBy<T>(
  deadlineMs: number,
  call: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new NoAnswer()), Math.max(0, deadlineMs - Date.now()));
  try {
    const answered = orAborted(call, late.signal);
    return await (signal === undefined ? answered : orAborted(answered, signal));
  } finally {
    clearTimeout(timer);
  }
}
