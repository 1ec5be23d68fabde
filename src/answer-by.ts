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
  // Nobody may be there any more when it fails.
  call.catch(() => undefined);
  let giveUp = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal!.reason);
    const late = (): void => reject(new NoAnswer());
    timer = setTimeout(late, Math.max(0, deadlineMs - Date.now()));
  });
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp);
  try {
    return await Promise.race([call, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
