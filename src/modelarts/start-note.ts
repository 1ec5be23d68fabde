import type { Dispatcher } from 'undici';

/** What is known of one call's way to its socket. */
export interface StartNote {
  /** The request was handed to a connected socket: from then on it may have been carried out. */
  started: boolean;
  /** Ends the exchange at the socket, once it has started. */
  abort?: (reason: Error) => void;
}

/**
 * A dispatcher for one call that notes when its request starts, and keeps it from starting where
 * `mayStart` says no.
 *
 * undici calls `onRequestStart` right before it writes to a connected socket, and writes nothing
 * when that throws. Asked there, and not before, because a request can wait for its socket for
 * seconds, and because undici may take a request up again when its socket closed.
 */
export function notingStart(
  dispatcher: Dispatcher,
  note: StartNote,
  mayStart: () => boolean,
): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const noting: Dispatcher.DispatchHandler = {
      onRequestStart(controller, context) {
        if (!mayStart()) throw new Error('the request may not start any more');
        note.started = true;
        note.abort = (reason) => controller.abort(reason);
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    };
    return dispatch(options, noting);
  });
}
