import { AsyncLocalStorage } from 'node:async_hooks';
import { Connection, type Client, type ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Parameters<Interceptor>[1]>;
type Status = Parameters<
  NonNullable<NonNullable<Parameters<Call['start']>[1]>['onReceiveStatus']>
>[0];

/** Codes of gRPC. */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/** Stands before Temporal's own words where it takes no more questions about a workflow for the moment. */
export const BUSY = 'busy: ';

/** While a worker is at work on a workflow, Temporal (1.32) takes one question about it. */
const QUESTIONS_ARE_FULL = /query buffer is full/;

/** Connection → why its last attempt did not get through; absent where it did. */
const troubles = new WeakMap<object, string>();
const watched = new WeakSet<object>();
const impatient = new AsyncLocalStorage<true>();

/**
 * Watches each attempt that the SDK makes of a call. The SDK (1.24) repeats a call that fails by a
 * timer, which nothing ends: the next attempt is sent after the call was aborted, and it throws
 * where nobody can catch it after the connection was closed. Here such an attempt just ends.
 */
export function watchAttempts({ connection }: Client): void {
  if (!(connection instanceof Connection) || watched.has(connection)) return;
  watched.add(connection);
  const calls = new WeakMap<object, { signal: AbortSignal | undefined; isImpatient: boolean }>();
  // The last one is the innermost: the SDK's repeats pass it, one by one.
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
    // The SDK itself aborts the first attempt only.
    const abort = () => call.cancelWithStatus(CANCELLED, 'the call was given up');
    if (!isFirst) signal?.addEventListener('abort', abort, { once: true });
    return listeningTo(call, (status) => {
      const { details } = status;
      const code: number = status.code;
      signal?.removeEventListener('abort', abort);
      if (code === UNAVAILABLE) troubles.set(connection, details);
      // A call that was given up has shown nothing.
      else if (code !== CANCELLED && code !== DEADLINE_EXCEEDED) troubles.delete(connection);
      if (!isImpatient || code !== RESOURCE_EXHAUSTED) return status;
      // A limit of the namespace stays with the SDK, which gives way to it.
      if (!QUESTIONS_ARE_FULL.test(details)) return status;
      return { ...status, code: FAILED_PRECONDITION, details: `${BUSY}${details}` };
    });
  };
  connection.options.interceptors.push(watching as Interceptor);
}

/** Why the last attempt on the client's connection did not get through to Temporal, in gRPC's words. */
export function lastTrouble({ connection }: Client): string | undefined {
  return troubles.get(connection);
}

/**
 * Asks a question that ends at once where Temporal takes no more of them about this workflow. The
 * SDK would repeat it in silence, with pauses of seconds, where milliseconds will do.
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
