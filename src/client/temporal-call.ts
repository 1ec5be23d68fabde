import {
  Connection,
  isGrpcServiceError,
  NamespaceNotFoundError,
  type Client,
} from '@temporalio/client';
import { BUSY, lastTrouble, watchAttempts } from './attempts.js';
import { TemporalRefusedError, TemporalUnreachableError } from './errors.js';

/** Codes of gRPC, by what they mean for a caller. */
const GRPC = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Where an error nests its cause: the SDK's own error, then gRPC's. */
const DEEPEST_CAUSE = 4;

/** Calls Temporal; that it is away, or does not take us, becomes an error of ours. */
export async function calling<T>(client: Client, call: () => Promise<T>): Promise<T> {
  watchAttempts(client);
  try {
    return await call();
  } catch (error) {
    throw ofTemporal(client, error) ?? error;
  }
}

/** The same with an end: a call that has no answer by then counts as one to a Temporal that is away. */
export function callingWithin<T>(client: Client, ms: number, call: () => Promise<T>): Promise<T> {
  return calling(client, () => client.connection.withDeadline(Date.now() + ms, call));
}

/** Our own error for what went wrong with Temporal itself; `undefined` for anything else. */
export function ofTemporal(
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

/** Words why there is no connection, from gRPC's own words. */
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

export const isUnimplemented = (error: unknown): boolean =>
  grpcCodeOf(error) === GRPC.unimplemented;

export const isAlreadyExists = (error: unknown): boolean =>
  grpcCodeOf(error) === GRPC.alreadyExists;

/** Temporal takes no more questions about this workflow for the moment; see `notWaitingWhereBusy`. */
export function isBusy(error: unknown): boolean {
  return grpcErrorIn(error)?.details.startsWith(BUSY) === true;
}

/** The code of gRPC in an error or one of its causes. */
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
