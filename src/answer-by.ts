import { orAborted } from './domain/or-aborted.js';

/** No answer came in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor() {
    super('no answer');
  }
}

/**
 * Waits for an answer until the deadline, or until the signal aborts. The call itself goes on, because
 * the SDK's native part can't abort one.
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
