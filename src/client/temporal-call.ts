import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Client,
  Connection,
  type ConnectionOptions,
  isGrpcServiceError,
  NamespaceNotFoundError,
} from '@temporalio/client';
import { TemporalRefusedError, TemporalUnreachableError } from './errors.js';

/** gRPC status codes. */
const GRPC = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** How deep to look for a cause: the SDK's own error, then gRPC's. */
const DEEPEST_CAUSE = 4;

/** How long an answer of Temporal may take. */
export const ANSWER_WITHIN_MS = 10_000;

/** Calls Temporal. Throws an error of our own if Temporal is away or refuses us. */
export async function calling<T>(client: Client, call: () => Promise<T>): Promise<T> {
  watchAttempts(client);
  try {
    return await call();
  } catch (error) {
    throw ofTemporal(client, error) ?? error;
  }
}

/** Like `calling`, but fails with `TemporalUnreachableError` after `ms` milliseconds. */
export function callingWithin<T>(client: Client, ms: number, call: () => Promise<T>): Promise<T> {
  return calling(client, () => client.connection.withDeadline(Date.now() + ms, call));
}

/** Our own error if Temporal is away or refuses us; `undefined` for anything else. */
function ofTemporal(
  client: Client,
  error: unknown,
): TemporalUnreachableError | TemporalRefusedError | undefined {
  const { namespace } = client.options;
  const address = addressOf(client);
  if (error instanceof NamespaceNotFoundError) {
    return new TemporalRefusedError(address, namespace, 'there is no such namespace');
  }
  switch (grpcCodeOf(error)) {
    case GRPC.unavailable:
      return new TemporalUnreachableError(address, whyUnreachable(whyOf(error)));
    case GRPC.deadlineExceeded: {
      const trouble = lastTrouble(client);
      const why = trouble === undefined ? 'no answer in time' : whyUnreachable(trouble);
      return new TemporalUnreachableError(address, why);
    }
    case GRPC.permissionDenied:
    case GRPC.unauthenticated:
      return new TemporalRefusedError(address, namespace, whyOf(error));
    default:
      return undefined;
  }
}

/** Says in a few words why there is no connection, from gRPC's own text. */
function whyUnreachable(details: string): string {
  if (/name resolution failed/i.test(details)) return 'host name unknown';
  const [, last = details] = /Last error: (.*?)\.? Resolution note/s.exec(details) ?? [];
  const [, code] = /\b(ECONN\w+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)\b/.exec(last) ?? [];
  if (code === 'ECONNREFUSED') return `connection refused, ${code}`;
  if (code !== undefined) return `no connection, ${code}`;
  // `…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…`
  const [, ssl] = /SSL routines:[^:]*:([^:]+)/.exec(last) ?? [];
  if (ssl !== undefined) return `TLS: ${ssl}`;
  if (/certificate|\bTLS\b|\bSSL\b|ERR_TLS/i.test(last)) {
    return `TLS: ${last.replace(/^Error( \[\w+\])?: /, '').trim()}`;
  }
  if (/failed to connect/i.test(last))
    return 'the connection was closed at once; does it want TLS?';
  return last;
}

export const isInvalidArgument = (error: unknown): boolean =>
  grpcCodeOf(error) === GRPC.invalidArgument;

/** Temporal's words for what it does not know; `undefined` for any other error. */
export const notFoundIn = (error: unknown): string | undefined =>
  grpcCodeOf(error) === GRPC.notFound ? whyOf(error) : undefined;

export const isUnimplemented = (error: unknown): boolean =>
  grpcCodeOf(error) === GRPC.unimplemented;

export const isAlreadyExists = (error: unknown): boolean =>
  grpcCodeOf(error) === GRPC.alreadyExists;

/** Whether Temporal takes no more queries of this workflow for the moment; see `notWaitingWhereBusy`. */
export function isBusy(error: unknown): boolean {
  return grpcErrorIn(error)?.details.startsWith(BUSY) === true;
}

/** The gRPC status code in an error or one of its causes. */
function grpcCodeOf(error: unknown): number | undefined {
  return grpcErrorIn(error)?.code;
}

function whyOf(error: unknown): string {
  const found = grpcErrorIn(error);
  return found?.details || (error instanceof Error ? error.message : String(error));
}

function grpcErrorIn(error: unknown): { code: number; details: string } | undefined {
  let current = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && current instanceof Object; depth += 1) {
    if (isGrpcServiceError(current)) return current;
    current = (current as { cause?: unknown }).cause;
  }
  return undefined;
}

function addressOf({ connection }: Client): string {
  return connection instanceof Connection ? connection.options.address : 'the given connection';
}

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Parameters<Interceptor>[1]>;
type Status = Parameters<
  NonNullable<NonNullable<Parameters<Call['start']>[1]>['onReceiveStatus']>
>[0];

/** gRPC status codes. */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/** Prefix of the error message if Temporal takes no more queries of a workflow for the moment. */
const BUSY = 'busy: ';

/** While a worker is at work on a workflow, Temporal (1.32) holds one query of it and refuses others. */
const QUERIES_ARE_FULL = /query buffer is full/;

/** Why each connection's last attempt did not reach Temporal. No entry if it did. */
const troubles = new WeakMap<object, string>();
const watched = new WeakSet<object>();
const impatient = new AsyncLocalStorage<true>();

/**
 * Watches each attempt that the SDK makes of a call. The SDK (1.24) repeats a failed call by a timer
 * that nothing stops. It sends the next attempt even after the call was aborted. After the connection
 * was closed, that attempt throws where nobody can catch it. Here such an attempt just ends.
 */
function watchAttempts({ connection }: Client): void {
  if (!(connection instanceof Connection) || watched.has(connection)) return;
  watched.add(connection);
  const calls = new WeakMap<object, { signal: AbortSignal | undefined; isImpatient: boolean }>();
  // The last interceptor is the innermost, so each of the SDK's attempts passes it.
  const watching = (...[options, nextCall]: Parameters<Interceptor>): Call => {
    const known = calls.get(options);
    const isFirst = known === undefined;
    const { signal, isImpatient } = known ?? {
      signal: connection.callContextStorage.getStore()?.abortSignal,
      isImpatient: impatient.getStore() === true,
    };
    calls.set(options, { signal, isImpatient });
    if (!isFirst && signal?.aborted === true) return endedCall('the call was given up');
    let call: Call;
    try {
      call = nextCall(options);
    } catch (error) {
      if (isFirst) throw error;
      return endedCall('the connection was closed');
    }
    // The SDK itself aborts only the first attempt.
    const abort = () => call.cancelWithStatus(CANCELLED, 'the call was given up');
    if (!isFirst) signal?.addEventListener('abort', abort, { once: true });
    return listeningTo(call, (status) => {
      const { details } = status;
      const code: number = status.code;
      signal?.removeEventListener('abort', abort);
      if (code === UNAVAILABLE) troubles.set(connection, details);
      // A call that was given up says nothing about the connection.
      else if (code !== CANCELLED && code !== DEADLINE_EXCEEDED) troubles.delete(connection);
      if (!isImpatient || code !== RESOURCE_EXHAUSTED) return status;
      // The SDK itself handles limits of the namespace, by pausing.
      if (!QUERIES_ARE_FULL.test(details)) return status;
      return { ...status, code: FAILED_PRECONDITION, details: `${BUSY}${details}` };
    });
  };
  connection.options.interceptors.push(watching as Interceptor);
}

/** Why the last attempt on the client's connection did not reach Temporal, in gRPC's words. */
function lastTrouble({ connection }: Client): string | undefined {
  return troubles.get(connection);
}

/**
 * Makes a query that fails at once if Temporal takes no more queries of this workflow. The SDK would
 * repeat it silently with pauses of seconds, although milliseconds are enough.
 */
export function notWaitingWhereBusy<T>(call: () => Promise<T>): Promise<T> {
  return impatient.run(true, call);
}

function listeningTo(call: Call, onStatus: (status: Status) => Status): Call {
  const start = call.start.bind(call);
  call.start = (metadata, listener) =>
    start(metadata, {
      onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
      onReceiveMessage: (message: unknown) => listener?.onReceiveMessage?.(message),
      onReceiveStatus: (status) => listener?.onReceiveStatus?.(onStatus(status)),
    });
  return call;
}

/** An attempt that is not sent. */
function endedCall(details: string): Call {
  const nothing = (): void => undefined;
  return {
    start: (metadata, listener) =>
      void setImmediate(() => listener?.onReceiveStatus?.({ code: CANCELLED, details, metadata })),
    sendMessage: nothing,
    sendMessageWithContext: nothing,
    startRead: nothing,
    halfClose: nothing,
    cancelWithStatus: nothing,
    getPeer: () => '',
    getAuthContext: () => null,
  };
}
