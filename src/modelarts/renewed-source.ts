import { orAborted } from '../domain/or-aborted.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow, toWallClock } from './clock.js';
import { type Credentials, isSame, partsOf } from './credentials.js';
import {
  type CredentialsReport,
  type CredentialsSource,
  type NoCredentials,
  type SecretBook,
  type Supply,
} from './credentials-source.js';
import { shortened } from './scrub.js';

/** What came of asking for new credentials. */
export type Fetched =
  { kind: 'got'; credentials: Credentials; lifetimeMs: number; projectId?: string } | NoCredentials;

export interface RenewedSourceOptions {
  from: string;
  /** Asks for new credentials, by what `settings` has just given. */
  fetch: (settings: string | undefined) => Promise<Fetched>;
  /** From how long credentials live to how long after now the next ones are asked for. */
  renewAfterMs: (lifetimeMs: number) => number;
  /**
   * What a refusal depends on, such as a password: once it is another, a refusal is forgotten. `isUrgent`: it is about
   * to be used.
   */
  settings?: (isUrgent: boolean) => Promise<string | undefined>;
  secrets: SecretBook;
  report: CredentialsReport;
  /** Whether what is fetched names a project. */
  tellsProject: boolean;
  close: () => Promise<void>;
}

/** IAM locks an account for 15 minutes after repeated wrong passwords (FAQ "account is locked"). */
const REFUSED_FOR_MS = 15 * 60_000;

/** The longest pause that IAM may ask for, as for ModelArts. */
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Credentials are not used at the very end of their life, because a call takes time. */
const LONGEST_MARGIN_MS = 60_000;
const MARGIN_SHARE = 1 / 20;

/** If renewed credentials are refused too, they are renewed again after this time, not at each call. */
const RENEW_REFUSED_AFTER_MS = 5 * 60_000;

interface Held {
  credentials: Credentials;
  gotAtMs: number;
  renewAtMs: number;
  usableUntilMs: number;
  endsAtMs: number;
  /** They were asked for because their predecessors had been refused, and no call has been taken since. */
  afterRefusal: boolean;
  isRefused: boolean;
}

/** Credentials with an end, which are renewed ahead of it. All instants are on the monotonic clock. */
export function renewedSource(options: RenewedSourceOptions): CredentialsSource {
  const { from, secrets, report } = options;
  let held: Held | undefined;
  let failure:
    (Exclude<Fetched, { kind: 'got' }> & { untilMs: number; settings?: string }) | undefined;
  let failures = 0;
  let projectId: string | undefined;
  let fetching: Promise<void> | undefined;
  let isClosed = false;

  /** Asks for new credentials, unless somebody is doing so, or the last failure is too recent. */
  async function renew(): Promise<void> {
    if (fetching !== undefined) return fetching;
    if (failure !== undefined && monotonicNow() < failure.untilMs) return;
    fetching = fetchNow();
    try {
      await fetching;
    } finally {
      fetching = undefined;
    }
  }

  async function fetchNow(): Promise<void> {
    const settings = await options.settings?.(true);
    const fetched = await options.fetch(settings);
    const now = monotonicNow();
    if (fetched.kind === 'got') {
      if (failure !== undefined)
        report('info', 'Credentials can be fetched again', { credentialsFrom: from });
      const { credentials, lifetimeMs } = fetched;
      secrets.add(...partsOf(credentials));
      held = {
        credentials,
        gotAtMs: now,
        renewAtMs: now + options.renewAfterMs(lifetimeMs),
        usableUntilMs: now + lifetimeMs - Math.min(LONGEST_MARGIN_MS, lifetimeMs * MARGIN_SHARE),
        endsAtMs: now + lifetimeMs,
        afterRefusal: held?.isRefused === true,
        isRefused: false,
      };
      projectId = fetched.projectId ?? projectId;
      failure = undefined;
      failures = 0;
      return;
    }
    failures += 1;
    // A failed fetch may have added secrets of its own, and only some are kept. So add those in use again.
    if (held !== undefined) secrets.add(...partsOf(held.credentials));
    const isRefused = fetched.kind === 'refused';
    const pauseMs = isRefused
      ? REFUSED_FOR_MS
      : Math.min(LONGEST_PAUSE_MS, pauseAfter(failures, fetched.retryAfterMs, Math.random()));
    failure = { ...fetched, untilMs: now + pauseMs, ...(settings !== undefined && { settings }) };
    if (isClosed || (!isRefused && failures > 1)) return;
    const sentence = isRefused
      ? 'IAM refuses the login; it is not tried again for 15 minutes'
      : 'Credentials can’t be fetched now; the worker tries again';
    const isHeld = usable() !== undefined;
    report('warn', sentence, { credentialsFrom: from, ...fetched.error, oldOnesInUse: isHeld });
  }

  function usable(): Held | undefined {
    const isUsable = held !== undefined && !held.isRefused && monotonicNow() < held.usableUntilMs;
    return isUsable ? held : undefined;
  }

  async function current(signal: AbortSignal): Promise<Supply> {
    if (failure?.settings !== undefined && options.settings !== undefined) {
      const settings = await orAborted(options.settings(false), signal);
      if (failure?.settings !== settings) failure = undefined;
    }
    const now = usable();
    if (now !== undefined) {
      // A failure is reported, and the old ones go on.
      if (monotonicNow() >= now.renewAtMs) void renew();
      return { kind: 'ready', credentials: now.credentials };
    }
    await orAborted(renew(), signal);
    const renewed = usable();
    if (renewed !== undefined) return { kind: 'ready', credentials: renewed.credentials };
    return failureNow();
  }

  function failureNow(): Supply {
    if (failure === undefined) {
      return {
        kind: 'later',
        error: { message: `the new credentials had ended already (${from})` },
      };
    }
    const retryAfterMs = Math.max(0, Math.ceil(failure.untilMs - monotonicNow()));
    if (failure.kind === 'later') return { kind: 'later', error: failure.error, retryAfterMs };
    const until = new Date(toWallClock(failure.untilMs)).toISOString();
    const message = shortened(`not tried again before ${until}: ${failure.error.message}`);
    return { kind: 'refused', error: { ...failure.error, message } };
  }

  async function refresh(refused: Credentials): Promise<boolean> {
    if (held === undefined || !isSame(refused, held.credentials)) return true;
    const isRecent = monotonicNow() - held.gotAtMs < RENEW_REFUSED_AFTER_MS;
    if (held.afterRefusal && isRecent) return false;
    held.isRefused = true;
    void renew();
    return true;
  }

  return {
    from,
    current,
    refresh,
    taken(credentials) {
      if (held !== undefined && isSame(credentials, held.credentials)) held.afterRefusal = false;
    },
    secrets: () => secrets.all(),
    expiresAtMs: () => (held === undefined ? undefined : toWallClock(held.endsAtMs)),
    ...(options.tellsProject && { projectId: () => projectId }),
    async close() {
      isClosed = true;
      await options.close();
    },
  };
}
