import ky, { type Options } from 'ky';
import type { Dispatcher } from 'undici';
import { defined } from '../domain/defined.js';
import { orAborted } from '../domain/or-aborted.js';
import type { Lane, Line } from './lane.js';
import { networkError } from './network-error.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Longer than any deadline. A `Retry-After` of a century would overflow the caller's clock. */
const LONGEST_RETRY_AFTER_MS = 30 * 24 * 60 * 60 * 1000;

export interface ExchangeRequest {
  method: 'GET' | 'POST' | 'PUT';
  url: URL;
  body?: string;
  /** Called once the request has its place in the lane, because a signature ages. */
  headers(): Record<string, string>;
  maxBodyBytes: number;
  /** How long the exchange may take, body included, once it has its place in the lane. */
  timeoutMs: number;
  /** If given, the exchange is over by this instant, the wait for a place included. */
  endBy?: number;
  /** Called when the request starts on a socket. */
  onStart?: () => void;
  /** The request must have started on a socket by this instant, in milliseconds since the epoch. */
  startBy: number;
}

/** `answered`: a whole answer (no `body` if that was too large). `lost`: no whole answer came. */
export type Exchange =
  | {
      kind: 'answered';
      httpStatus: number;
      body: string | undefined;
      requestId: string | undefined;
      retryAfterMs: number | undefined;
      startedAt: number;
      /** The `Date` header: the time by the service's clock. */
      date?: string;
      /** The `X-Subject-Token` header, in which IAM sends a token. */
      subjectToken?: string;
    }
  | { kind: 'lost'; started: boolean; reason: string; httpStatus: number | undefined };

/** "Misdirected Request". For this status, `fetch` itself sends the request a second time, a POST too. */
const MISDIRECTED = 421;

/** Given to `fetch` in place of it. */
const BAD_REQUEST = 400;

/** Never retries, because Temporal and the restart's protocol do. A redirect is an answer. */
const http = ky.create({ retry: 0, redirect: 'manual', throwHttpErrors: false, timeout: false });

/** Makes one HTTP exchange. Never rejects: whatever the network does is an answer too. */
export async function exchange(lane: Lane, request: ExchangeRequest): Promise<Exchange> {
  const { host } = request.url;
  const note: StartNote = { started: false, isMisdirected: false };
  const abort = new AbortController();
  let reason: string | undefined;
  let httpStatus: number | undefined;
  const lost = (why: string): Exchange => ({
    kind: 'lost',
    started: note.started,
    reason: why,
    httpStatus,
  });
  let line: Line | undefined;
  const giveUp = (why: string) => {
    reason ??= why;
    // Must come before the abort, which would close the socket instead of resetting it.
    line?.reset();
    abort.abort(new Error(why));
  };
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, act: () => void) =>
    timers.add(setTimeout(act, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS)));

  if (Date.now() >= request.startBy) return lost('too late to start');
  after(request.startBy - Date.now(), () => {
    if (!note.started) giveUp(`no connection in time to ${host}`);
  });

  let leave: (() => void) | undefined;
  try {
    leave = await lane.gate.enter(abort.signal);
    line = lane.open(request.url.origin);
    const startedAt = Date.now();
    const leftMs = Math.min(request.timeoutMs, (request.endBy ?? Infinity) - startedAt);
    after(leftMs, () => giveUp(`no whole answer within ${request.timeoutMs} ms from ${host}`));
    const mayStart = () => {
      // Checked here too, because the timer can be late.
      if (Date.now() >= request.startBy) reason ??= 'too late to start';
      // undici sends a request again if a kept socket closed. A GET may go out twice, a POST must not.
      const isRepeated = note.started && request.method === 'POST';
      return reason === undefined && !abort.signal.aborted && !isRepeated;
    };
    const options = {
      method: request.method,
      headers: request.headers(),
      ...defined({ body: request.body }),
      signal: abort.signal,
      dispatcher: notingStart(line.dispatcher, note, mayStart, request.onStart),
    };
    // Node's own fetch takes undici's dispatcher; the types of the two differ in a detail.
    const sent = http(request.url, options as unknown as Options);
    // In Node 20, ky's `AbortSignal.any` and `Request` hold the signal by weak references. Once these
    // are collected, an abort does not end the read of a stalled body. `orAborted` does.
    const response = await orAborted(sent, abort.signal);
    httpStatus = note.isMisdirected ? MISDIRECTED : response.status;
    const body = await orAborted(readBody(response, request.maxBodyBytes), abort.signal);
    return {
      kind: 'answered',
      httpStatus,
      body: body.kind === 'whole' ? body.text : undefined,
      requestId: response.headers.get('x-request-id') ?? undefined,
      retryAfterMs: retryAfterMs(
        response.headers.get('retry-after'),
        response.headers.get('date'),
        Date.now(),
      ),
      startedAt,
      ...defined({
        date: response.headers.get('date') ?? undefined,
        subjectToken: response.headers.get('x-subject-token') ?? undefined,
      }),
    };
  } catch (error) {
    if (abort.signal.aborted) note.abort?.(new Error('given up'));
    return lost(reason ?? networkError(error, host));
  } finally {
    line?.end();
    leave?.();
    for (const timer of timers) clearTimeout(timer);
  }
}

/** What is known of one call's way to its socket. */
interface StartNote {
  /** The request was handed to a connected socket. From then on it may have been carried out. */
  started: boolean;
  /** The answer is a 421, and `fetch` was told another status. */
  isMisdirected: boolean;
  /** Ends a request that has started, at its socket. */
  abort?: (reason: Error) => void;
}

/**
 * Wraps a dispatcher for one call. Notes when the request starts, and keeps it from starting if
 * `mayStart` returns false.
 *
 * undici calls `onRequestStart` right before it writes to a connected socket, and writes nothing
 * when that throws. `mayStart` is asked there and no earlier, because a request can wait seconds for
 * its socket, and because undici may send a request again when its socket closed.
 */
function notingStart(
  dispatcher: Dispatcher,
  note: StartNote,
  mayStart: () => boolean,
  onStart: () => void = () => undefined,
): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const noting: Dispatcher.DispatchHandler = {
      onRequestStart(controller, context) {
        if (!mayStart()) throw new Error('the request may not start any more');
        note.started = true;
        onStart();
        note.abort = (reason) => controller.abort(reason);
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart(controller, httpStatus, ...rest) {
        note.isMisdirected = httpStatus === MISDIRECTED;
        handler.onResponseStart?.(
          controller,
          note.isMisdirected ? BAD_REQUEST : httpStatus,
          ...rest,
        );
      },
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    };
    return dispatch(options, noting);
  });
}

/** The whole body as text, or `too-large` as soon as more than `maxBytes` came, decompressed. */
async function readBody(
  response: Response,
  maxBytes: number,
): Promise<{ kind: 'whole'; text: string } | { kind: 'too-large' }> {
  if (response.body === null) return { kind: 'whole', text: '' };
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { kind: 'whole', text: new TextDecoder().decode(Buffer.concat(chunks)) };
    size += value.byteLength;
    if (size > maxBytes) {
      // Frees the socket, which an unread body would block. Not awaited, because the sender may stall.
      reader.cancel().catch(() => undefined);
      return { kind: 'too-large' };
    }
    chunks.push(value);
  }
}

/**
 * Reads `Retry-After` (seconds or an HTTP date) as milliseconds from now; `undefined` if it is
 * neither. A date is compared with the service's own `Date`, because our clock may differ.
 */
export function retryAfterMs(
  retryAfter: string | null,
  date: string | null,
  nowMs: number,
): number | undefined {
  const text = retryAfter?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER_MS);
  // Date.parse takes '-5' and '1.5' for dates; an HTTP date begins with a weekday.
  const until = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(until)) return undefined;
  const serverNow = date === null ? NaN : Date.parse(date);
  const wait = until - (Number.isNaN(serverNow) ? nowMs : serverNow);
  return Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS);
}
