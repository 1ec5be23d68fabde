import type { Settings } from './config.js';
import type { Logger } from './log.js';
import type { ModelArtsClient } from './modelarts/client.js';

const CREDENTIALS_WITHIN_MS = 30_000;

/** How often the credentials are asked for, so that an idle worker renews them too. */
const ASK_EVERY_MS = 60_000;

/**
 * Logs which ways to authenticate are not used, and gets the credentials now and every minute until the
 * signal aborts, so that the log tells at start if there are none. Does not wait for them: restarts wait, and
 * the worker is of use then.
 */
export function startCredentials(
  { credentials }: ModelArtsClient,
  { credentialsFrom, credentialsIgnored }: Settings,
  logger: Logger,
  stopping: AbortSignal,
): void {
  if (credentialsIgnored.length > 0) {
    const sentence = 'Several ways to authenticate are set; the first is used';
    logger.warn({ credentialsFrom, ignored: credentialsIgnored }, sentence);
  }
  const ask = (): void => {
    // A source that has none reports that itself.
    credentials.prepare(AbortSignal.timeout(CREDENTIALS_WITHIN_MS)).catch(() => undefined);
  };
  ask();
  const timer = setInterval(ask, ASK_EVERY_MS).unref();
  stopping.addEventListener('abort', () => clearInterval(timer));
}
