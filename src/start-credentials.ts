import type { Settings } from './config.js';
import type { Logger } from './log.js';
import type { ModelArtsClient } from './modelarts/client.js';

const FIRST_CREDENTIALS_MS = 30_000;

/**
 * Logs which ways to authenticate are not used, and gets the credentials once, so that the log tells
 * at start if there are none. Does not wait for them: restarts wait, and the worker is of use then.
 */
export function startCredentials(
  { credentials }: ModelArtsClient,
  { credentialsFrom, credentialsIgnored }: Settings,
  logger: Logger,
): void {
  if (credentialsIgnored.length > 0) {
    const sentence = 'Several ways to authenticate are set; the first is used';
    logger.warn({ credentialsFrom, ignored: credentialsIgnored }, sentence);
  }
  // A source that has none reports that itself.
  credentials.prepare(AbortSignal.timeout(FIRST_CREDENTIALS_MS)).catch(() => undefined);
}
