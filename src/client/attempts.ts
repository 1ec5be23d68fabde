import { Connection, type Client, type ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Parameters<Interceptor>[1]>;

/** Codes of gRPC. */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

/** Connection → why its last attempt did not get through; absent where it did. */
const troubles = new WeakMap<object, string>();
const watched = new WeakSet<object>();

/**
 * Watches each attempt that the SDK makes of a call. The SDK (1.24) repeats a call that fails by a
 * timer, which nothing ends: the next attempt is sent after the call was aborted, and it throws
 * where nobody can catch it after the connection was closed. Here such an attempt just ends.
 */
export function watchAttempts({ connection }: Client): void {
  if (!(connection instanceof Connection) || watched.has(connection)) return;
  watched.add(connection);
  const signals = new WeakMap<object, AbortSignal | undefined>();
  // The last one is the innermost: the SDK's repeats pass it, one by one.
  const watching = (...[options, nextCall]: Parameters<Interceptor>): Call => {
    const isFirst = !signals.has(options);
    if (isFirst) signals.set(options, connection.callContextStorage.getStore()?.abortSignal);
    const signal = signals.get(options);
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
    return listeningTo(call, ({ code, details }) => {
      signal?.removeEventListener('abort', abort);
      if (code === UNAVAILABLE) troubles.set(connection, details);
      // A call that was given up has shown nothing.
      else if (code !== CANCELLED && code !== DEADLINE_EXCEEDED) troubles.delete(connection);
    });
  };
  connection.options.interceptors.push(watching as Interceptor);
}

/** Why the last attempt on the client's connection did not get through to Temporal, in gRPC's words. */
export function lastTrouble({ connection }: Client): string | undefined {
  return troubles.get(connection);
}

function listeningTo(
  call: Call,
  onStatus: (status: { code: number; details: string }) => void,
): Call {
  const start = call.start.bind(call);
  call.start = (metadata, listener) =>
    start(metadata, {
      onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
      onReceiveMessage: (message: unknown) => listener?.onReceiveMessage?.(message),
      onReceiveStatus: (status) => {
        onStatus(status);
        listener?.onReceiveStatus?.(status);
      },
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
