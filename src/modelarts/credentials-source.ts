import type { ServiceError } from '../domain/answer.js';
import { assertSendable, type Credentials, partsOf } from './credentials.js';

/**
 * Why there are no credentials.
 *
 * - `later`: none yet; ask again, not sooner than `retryAfterMs`.
 * - `refused`: asking again would not help until somebody corrects the settings.
 */
export type NoCredentials =
  | { kind: 'later'; error: ServiceError; retryAfterMs?: number }
  | { kind: 'refused'; error: ServiceError };

/** What a source has to give: credentials to use now, or why there are none. */
export type Supply = { kind: 'ready'; credentials: Credentials } | NoCredentials;

/** Where credentials come from: the environment, files, IAM, or the machine. */
export interface CredentialsSource {
  /** The source by name, for the log. */
  readonly from: string;
  /** Gives the credentials to use now. If the signal aborts first, rejects with its reason. */
  current(signal: AbortSignal): Promise<Supply>;
  /**
   * Called when the service has refused credentials of this source.
   *
   * @returns whether others are there or on their way, so that the call may be made again
   */
  refresh(refused: Credentials): Promise<boolean>;
  /** Looks at once whether somebody has put others in their place. Absent where nobody can. */
  recheck?(): Promise<void>;
  /** Called when the service has taken credentials of this source. */
  taken?(credentials: Credentials): void;
  /**
   * Every value that must not appear in an answer or a log line: current ones, and those that were
   * replaced a short time ago. The same array as long as nothing has changed.
   */
  secrets(): readonly string[];
  /** When the current credentials end, in milliseconds since the epoch; `undefined` if never, or not known. */
  expiresAtMs(): number | undefined;
  /** The project that the credentials are for, if the source has learnt it. */
  projectId?(): string | undefined;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Tells one change of the credentials: a constant sentence, and fields without secrets. */
export type CredentialsReport = (
  level: 'info' | 'warn',
  sentence: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** Credentials that stay as they are. */
export function fixedSource(credentials: Credentials, from: string): CredentialsSource {
  assertSendable(credentials);
  const secrets = partsOf(credentials);
  return {
    from,
    current: () => Promise.resolve({ kind: 'ready', credentials }),
    refresh: () => Promise.resolve(false),
    secrets: () => secrets,
    expiresAtMs: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** How many replaced secrets are still hidden. An answer that echoes one comes within a minute of the change. */
const REPLACED_SECRETS = 12;

/** Collects the secrets of a source whose credentials change. */
export class SecretBook {
  #secrets: readonly string[] = [];

  /** Adds secrets that are in use now. They are kept longer than all others. */
  add(...secrets: readonly string[]): void {
    if (secrets.every((secret, i) => this.#secrets[i] === secret)) return;
    const others = this.#secrets.filter((secret) => !secrets.includes(secret));
    this.#secrets = [...secrets, ...others].slice(0, REPLACED_SECRETS);
  }

  all(): readonly string[] {
    return this.#secrets;
  }
}
