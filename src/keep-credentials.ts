import type { ModelArtsClient } from './modelarts/client.js';

const CREDENTIALS_WITHIN_MS = 30_000;

/** How often the credentials are asked for, so that an idle worker renews them too. */
const ASK_EVERY_MS = 60_000;

/**
 * Gets the credentials now and every minute until the signal aborts, so that the log tells at start if
 * there are none. Does not wait for them: restarts wait, and the worker is of use then.
 */
export function keepCredentials(
  credentials: Pick<ModelArtsClient['credentials'], 'prepare'>,
  stopping: AbortSignal,
): void {
  const ask = (): void => {
    // A source that has none reports that itself.
    credentials.prepare(AbortSignal.timeout(CREDENTIALS_WITHIN_MS)).catch(() => undefined);
  };
  ask();
  const timer = setInterval(ask, ASK_EVERY_MS).unref();
  stopping.addEventListener('abort', () => clearInterval(timer));
}
