import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { orAborted } from './domain/or-aborted.js';
import { loadTemporalProfile, SettingsError } from './environment.js';
import type { Logger } from './log.js';

const RETRY_CONNECT_MS = 1_000;

/** A call that has no answer after this time is given up and repeated. */
const ANSWER_WITHIN_MS = 10_000;

/** gRPC status `UNIMPLEMENTED`. */
const UNIMPLEMENTED = 12;

/** A connection, and the namespace that the environment or the profile names. */
export interface TemporalAccess {
  connection: NativeConnection;
  namespace: string;
  address: string;
}

/** Temporal could not be reached in time. */
export class ConnectTimedOut extends Error {
  override readonly name = 'ConnectTimedOut';
  constructor(address: string, waitedMs: number, why: string) {
    super(
      `Temporal did not answer at ${address} within ${waitedMs / 1_000}s (${why}). ` +
        'Start it, or set TEMPORAL_ADDRESS to where it listens.',
    );
  }
}

/**
 * Connects with Temporal's standard variables and `temporal.toml`, and checks that the namespace
 * exists. Tries again until `waitMs` have passed.
 *
 * @throws ConnectTimedOut when the time is up; AccessRefused if trying again is of no use; the
 * signal's reason when it aborts
 */
export async function connectToTemporal(
  environment: NodeJS.ProcessEnv,
  waitMs: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<TemporalAccess> {
  const profile = loadTemporalProfile(environment, (problem) => new SettingsError([problem]));
  const { connectionOptions, namespace, address } = profile;
  const deadline = Date.now() + waitMs;
  // Kept after a failed check, because it reconnects by itself. Closing the last connection would end
  // the SDK's runtime.
  let connection: NativeConnection | undefined;
  let why: string | undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      const untilMs = Math.min(Date.now() + ANSWER_WITHIN_MS, deadline);
      connection ??= await answerBy(untilMs, NativeConnection.connect(connectionOptions), signal);
      await answerBy(untilMs, checkNamespace(connection, namespace, untilMs), signal);
      return { connection, namespace, address };
    } catch (error) {
      signal.throwIfAborted();
      const refusal = refusalOf(error, { address, namespace });
      if (refusal !== undefined) throw refusal;
      // The last try may have too little time to fail with its real reason. Then keep the earlier one.
      if (why === undefined || !(error instanceof NoAnswer)) why = whyInWords(error);
      if (Date.now() >= deadline) throw new ConnectTimedOut(address, waitMs, why);
      if (tries === 1) logger.info({ address, waitMs, why }, 'Waiting for Temporal');
      await orAborted(pause(Math.min(RETRY_CONNECT_MS, deadline - Date.now())), signal);
    }
  }
}

async function checkNamespace(
  connection: NativeConnection,
  namespace: string,
  deadline: number,
): Promise<void> {
  try {
    // Ends the call itself a little after the caller has given up.
    await connection.withDeadline(deadline + 1_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    // A replacement for Temporal may lack this call, and the worker can do without it.
    if ((error as { code?: unknown }).code !== UNIMPLEMENTED) throw error;
  }
}

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

/** Temporal has refused us, and would again. The settings for Temporal must change. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
}

/** The Temporal that was called, and the namespace that was used. */
export interface Asked {
  address: string;
  namespace: string;
}

interface Row {
  /** gRPC status codes. */
  codes?: readonly number[];
  /** What the SDK's core writes if its error has no code. */
  text: RegExp;
  /** @param detail the first group of `text` */
  sentence: (asked: Asked, detail: string | undefined) => string;
}

const CLIENT_CERTIFICATE = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';

/** The names that rustls gives to TLS alerts about a certificate. */
const CERTIFICATE_ALERT =
  /(?:AlertReceived\(|fatal alert: )(\w*Certificate\w*|UnknownCA|AccessDenied|HandshakeFailure)/;

/** The texts are those of SDK 1.24; test/e2e/refusals.test.ts provokes each of them. */
const REFUSALS: readonly Row[] = [
  {
    // NOT_FOUND. The last text is that of an INVALID_ARGUMENT, a code that many faults have.
    codes: [5],
    text: /\bcode: NotFound\b|requested entity was not found|Namespace (?:not set|length exceeds)/,
    sentence: ({ address, namespace }) =>
      `Temporal at ${address} has no namespace "${namespace}". ` +
      'Set TEMPORAL_NAMESPACE to one that it has, or create this one.',
  },
  {
    codes: [7],
    text: /\bcode: PermissionDenied\b|caller does not have permission/,
    sentence: ({ address, namespace }) =>
      `Temporal at ${address} does not let the worker use the namespace "${namespace}" ` +
      `(permission denied). Check TEMPORAL_NAMESPACE, and the rights of TEMPORAL_API_KEY, ` +
      `or of the certificate in ${CLIENT_CERTIFICATE}.`,
  },
  {
    codes: [16],
    text: /\bcode: Unauthenticated\b|not have valid authentication credentials/,
    sentence: ({ address }) =>
      `Temporal at ${address} does not accept the worker’s credentials. ` +
      `Set TEMPORAL_API_KEY, or ${CLIENT_CERTIFICATE}, to valid ones.`,
  },
  {
    text: CERTIFICATE_ALERT,
    sentence: ({ address }, alert) =>
      `Temporal at ${address} does not accept the worker’s certificate (${alert}). ` +
      `Set ${CLIENT_CERTIFICATE} to one that it accepts.`,
  },
  {
    text: /InvalidCertificate\((?:Other\(OtherError\()?(\w+)/,
    sentence: ({ address }, why) =>
      `The certificate of Temporal at ${address} is not trusted (${why}). ` +
      'Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the authority that has signed it, ' +
      'or TEMPORAL_TLS_SERVER_NAME to the name that it is made for.',
  },
  {
    text: /InvalidContentType/,
    sentence: ({ address }) =>
      `What listens at ${address} does not speak TLS. ` +
      'Set TEMPORAL_TLS=false (TEMPORAL_API_KEY turns TLS on), or correct TEMPORAL_ADDRESS.',
  },
  {
    text: /PrivateKeyParseError|CertificateParseError/,
    sentence: () =>
      `Temporal’s client certificate or its key is not PEM: check TEMPORAL_TLS_CLIENT_….`,
  },
];

/** The refusal that an error of Temporal means; `undefined` if another try may succeed. */
export function refusalOf(error: unknown, asked: Asked): AccessRefused | undefined {
  const { code } = new Object(error) as { code?: unknown };
  for (const { codes = [], text, sentence } of REFUSALS) {
    const match = text.exec(textOf(error));
    if (match === null && !codes.some((one) => one === code)) continue;
    return new AccessRefused(sentence(asked, match?.[1]));
  }
  return undefined;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How the SDK's core says that the other side ended a connection. */
const ENDED = /BrokenPipe|ConnectionReset|UnexpectedEof|connection closed/;

/** Why a call failed, in a few words. The SDK core's own text is Rust debug output. */
export function whyInWords(error: unknown): string {
  const text = textOf(error);
  if (ENDED.test(text)) {
    return 'it ends the connection: it may want TLS or a certificate, TEMPORAL_TLS_…';
  }
  if (!/[{(\\]/.test(text)) return text;
  return [...text.matchAll(/"([^"\\{(]+)"/g)].at(-1)?.[1] ?? 'no connection';
}
