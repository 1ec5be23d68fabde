import type { ReadAnswer, RequestAnswer, ServiceError } from '../domain/answer.js';
import { wallAheadMs } from './clock.js';
import { defined } from '../domain/defined.js';
import { orAborted } from '../domain/or-aborted.js';
import { type AuthenticatedCall, authenticate, type Credentials, isSame } from './credentials.js';
import type {
  CredentialsReport,
  CredentialsSource,
  NoCredentials,
  Supply,
} from './credentials-source.js';
import { KeyBreaker, MOST_REFUSALS, type Shown } from './key-breaker.js';
import { shortened } from './scrub.js';
import { SigningClock } from './signing-clock.js';

/** The credentials of one call. */
export interface Lease {
  kind: 'ready';
  headers: Record<string, string>;
  /**
   * Must be called when the call is over, with its answer, or without one if it was never sent.
   *
   * @returns why the call may be made again although its credentials were refused
   */
  settle(answer?: Answer, date?: string): Promise<{ error: ServiceError } | undefined>;
}

/** How the credentials are, for `doctor`, the health answer and metrics. */
interface CredentialsState {
  /** Where they come from, by name. */
  from: string;
  /**
   * - `untried`: no call has shown yet whether they are taken.
   * - `usable`: the last call that could tell was taken.
   * - `missing`: the source has none to give at the moment.
   * - `refused`: the service, or IAM, has refused them.
   */
  state: 'untried' | 'usable' | 'missing' | 'refused';
  /** When they end, in milliseconds since the epoch. */
  expiresAtMs?: number;
  /** The last refusal, or why there are none. */
  lastError?: ServiceError;
}

/** Authenticates calls, and learns from their answers. */
export interface CredentialsProvider {
  /** Gets the headers for a call made now. Waits no longer than until the signal aborts. */
  headers(call: AuthenticatedCall, signal: AbortSignal): Promise<Lease | NoCredentials>;
  /** The values to hide in a text; asked for each text, since credentials change. */
  secrets(): readonly string[];
  /** Gets credentials now, so that a bad source is told at start. */
  prepare(signal: AbortSignal): Promise<CredentialsState>;
  state(): CredentialsState;
  /** The project that the credentials are for, if their source has told it. */
  projectId(): string | undefined;
  /** Whether their source tells it at all. */
  readonly tellsProject: boolean;
  close(): Promise<void>;
}

type Answer = ReadAnswer<unknown> | RequestAnswer;

const GATEWAY_CODE = /^APIG(W)?\.030[1357]$/;
/** 401 with ModelArts.02xx is about the token or the signature, but for 0210 and 0212; so are 0203 and 0206 with 403. The others are about parameters or the project. */
const AUTH_ERROR = /^401 ModelArts\.02(?!10|12)\d\d$|^403 ModelArts\.020[36]$/;

/** After a step of this machine's clock by so much, signatures may be refused as expired. */
const CLOCK_STEP_MS = 60_000;

/** How many keys are remembered: a file may be put back to a key that was refused a minute ago. */
const KEPT_BREAKERS = 4;

export function createCredentialsProvider(
  source: CredentialsSource,
  report: CredentialsReport,
): CredentialsProvider {
  const { from } = source;
  /** Key → its breaker, the last one used at the end. */
  const breakers = new Map<string, KeyBreaker>();
  const clock = new SigningClock((skewMs) => {
    const sentence = 'This machine’s clock is wrong; requests are signed by the gateway’s clock';
    report('warn', sentence, { offBySeconds: Math.round(-skewMs / 1_000) });
  });
  /** `wallAheadMs` at the last call. */
  let lastAheadMs = wallAheadMs();
  /** The credentials that the source gave last, and what calls have shown about them. */
  let current: Credentials | undefined;
  let shown: Pick<CredentialsState, 'state' | 'lastError'> = { state: 'untried' };
  /** Why the source gave none, if it did not when it was asked last. */
  let missing: NoCredentials | undefined;

  async function headers(
    call: AuthenticatedCall,
    signal: AbortSignal,
  ): Promise<Lease | NoCredentials> {
    let waitsFor = `no credentials in time (${from})`;
    try {
      const supply = await source.current(signal);
      note(supply);
      if (supply.kind !== 'ready') return supply;
      const { credentials } = supply;
      if (credentials.kind === 'token') return leaseOf(call, credentials, () => undefined);
      waitsFor = 'not sent in time: the first call with this access key has no answer yet';
      const keys = breakerOf(credentials);
      const aheadMs = wallAheadMs();
      if (Math.abs(aheadMs - lastAheadMs) > CLOCK_STEP_MS) keys.doubt();
      lastAheadMs = aheadMs;
      const entered = await keys.enter(call.method === 'GET' ? 'look' : 'request', signal);
      if (typeof entered === 'function') return leaseOf(call, credentials, entered);
      if (await hasOthers(credentials, signal)) return await headers(call, signal);
      return { kind: 'refused', error: heldBack(entered, keys.refusal?.forMs ?? 0) };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'later', error: { message: waitsFor } };
    }
  }

  /** Whether somebody has replaced these credentials, which were refused. */
  async function hasOthers(refused: Credentials, signal: AbortSignal): Promise<boolean> {
    if (source.recheck === undefined) return false;
    await orAborted(source.recheck(), signal);
    const supply = await source.current(signal);
    return supply.kind === 'ready' && !isSame(refused, supply.credentials);
  }

  function leaseOf(
    call: AuthenticatedCall,
    credentials: Credentials,
    leave: (shown: Shown) => void,
  ): Lease {
    const { skewMs } = clock;
    return {
      kind: 'ready',
      headers: authenticate(call, credentials, clock.now()),
      async settle(answer, date) {
        const error = answer && authRefusal(answer);
        if (error === undefined) {
          const kind = answer !== undefined && isTaken(answer) ? 'taken' : 'unknown';
          leave({ kind });
          if (kind === 'taken') {
            clock.confirm(skewMs);
            if (isSame(current, credentials)) shown = { state: 'usable' };
            source.taken?.(credentials);
          }
          return undefined;
        }
        if (clock.learn(error, date, skewMs)) {
          // The key is good, so this does not count against it.
          leave({ kind: 'unknown' });
          return { error };
        }
        leave({ kind: 'refused', error });
        if (await source.refresh(credentials)) return { error };
        if (isSame(current, credentials)) shown = { state: 'refused', lastError: error };
        return undefined;
      },
    };
  }

  function breakerOf(credentials: Extract<Credentials, { kind: 'ak-sk' }>): KeyBreaker {
    const key = JSON.stringify(credentials);
    const [last] = [...breakers].slice(-1);
    if (last?.[0] === key) return last[1];
    if (last?.[1].refusal !== undefined) {
      report('info', 'The access key has changed; calls are sent again', { credentialsFrom: from });
    }
    const known = breakers.get(key) ?? createBreaker(credentials.accessKey);
    breakers.delete(key);
    breakers.set(key, known);
    for (const oldest of [...breakers.keys()].slice(0, -KEPT_BREAKERS)) breakers.delete(oldest);
    return known;
  }

  function createBreaker(accessKey: string): KeyBreaker {
    const onChange: KeyBreaker['onChange'] = (state, { code, message, httpStatus }) => {
      const fields = { credentialsFrom: from, ...defined({ code, httpStatus }), message };
      if (state === 'open') {
        report('warn', 'The gateway refuses the access key; no call is sent for 5 minutes', fields);
      } else report('info', 'The gateway takes the access key again', { credentialsFrom: from });
    };
    // The gateway counts for the access key, whatever the secret.
    const wasRefused = [...breakers.values()].some(
      (other) => other.accessKey === accessKey && other.wasRefused,
    );
    return new KeyBreaker(accessKey, onChange, wasRefused ? 1 : MOST_REFUSALS);
  }

  return {
    headers,
    secrets: () => source.secrets(),
    async prepare(signal) {
      const waitsFor = {
        kind: 'later',
        error: { message: `no credentials in time (${from})` },
      } as const;
      if (shown.state === 'refused') await source.recheck?.();
      const supply = await source.current(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return waitsFor;
      });
      note(supply);
      return state();
    },
    state,
    projectId: () => source.projectId?.(),
    tellsProject: source.projectId !== undefined,
    close: () => source.close(),
  };

  /** What calls have shown holds as long as the source gives the same credentials. */
  function note(supply: Supply): void {
    missing = supply.kind === 'ready' ? undefined : supply;
    if (supply.kind !== 'ready' || isSame(current, supply.credentials)) return;
    current = supply.credentials;
    shown = { state: 'untried' };
  }

  function state(): CredentialsState {
    const expiresAtMs = source.expiresAtMs();
    const ofSource = missing && {
      state: missing.kind === 'later' ? ('missing' as const) : ('refused' as const),
      lastError: missing.error,
    };
    return { from, ...(ofSource ?? shown), ...defined({ expiresAtMs }) };
  }
}

/** The error of an answer by which the credentials were refused, if it is one. */
function authRefusal(answer: Answer): ServiceError | undefined {
  if (answer.kind !== 'refused') return undefined;
  const { code, httpStatus } = answer.error;
  const isOne =
    code === undefined
      ? httpStatus === 401
      : GATEWAY_CODE.test(code) || AUTH_ERROR.test(`${httpStatus} ${code}`);
  return isOne ? answer.error : undefined;
}

/** Whether only a service that has taken the credentials answers so. */
function isTaken(answer: Answer): boolean {
  if (answer.kind === 'read' || answer.kind === 'accepted') return true;
  return answer.error.code?.startsWith('ModelArts.') === true;
}

function heldBack({ code, httpStatus, message }: ServiceError, forMs: number): ServiceError {
  const until = new Date(Date.now() + Math.max(0, forMs)).toISOString();
  const why = `not sent: this access key was refused, and is not used until ${until}, or until it changes`;
  const told = shortened(`${why}: ${message}`);
  return { ...defined({ code }), message: told, ...defined({ httpStatus }) };
}
