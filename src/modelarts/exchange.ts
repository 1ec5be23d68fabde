import ky, { type Options } from 'ky';
import { faultOf } from './fault.js';
import type { Lane, Line } from './lane.js';
import { readBody } from './read-body.js';
import { retryAfterMs } from './retry-after.js';
import { notingStart, type StartNote } from './start-note.js';

export interface ExchangeRequest {
  method: 'GET' | 'POST';
  url: URL;
  /** Made when the request has its place, as a signature ages. */
  headers(): Record<string, string>;
  maxBodyBytes: number;
  /** How long the exchange may take from its place in the lane on, the answer's body included. */
  timeoutMs: number;
  /** Where the wait for a place counts too: the whole of it is over by this instant. */
  endBy?: number;
  /** The request must have started on a socket by this instant, in milliseconds since the epoch. */
  startBy: number;
  signal?: AbortSignal | undefined;
}

/** What came back: an answer with its body (absent where it was too large), or nothing whole. */
export type Exchange =
  | {
      kind: 'answered';
      httpStatus: number;
      body: string | undefined;
      requestId: string | undefined;
      retryAfterMs: number | undefined;
      startedAt: number;
    }
  | { kind: 'lost'; started: boolean; reason: string; httpStatus: number | undefined };

/** Temporal and the restart's protocol retry, so nothing here does; a redirect is an answer. */
const http = ky.create({ retry: 0, redirect: 'manual', throwHttpErrors: false, timeout: false });

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One HTTP exchange. Rejects only when the caller's signal aborts, with that signal's reason. */
export async function exchange(lane: Lane, request: ExchangeRequest): Promise<Exchange> {
  const { host } = request.url;
  const note: StartNote = { started: false };
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
    // Before the abort, which would close the socket in the usual way.
    line?.reset();
    abort.abort(new Error(why));
  };
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, act: () => void) =>
    timers.add(setTimeout(act, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS)));
  const onCallerAbort = () => abort.abort(request.signal?.reason);

  request.signal?.throwIfAborted();
  if (Date.now() >= request.startBy) return lost('too late to start');
  request.signal?.addEventListener('abort', onCallerAbort, { once: true });
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
      // Looked at here too, as a timer can be late.
      if (Date.now() >= request.startBy) reason ??= 'too late to start';
      // Taken up again by undici: a GET may go out twice, a POST must not.
      const isRepeated = note.started && request.method === 'POST';
      return reason === undefined && !abort.signal.aborted && !isRepeated;
    };
    const options = {
      method: request.method,
      headers: request.headers(),
      signal: abort.signal,
      dispatcher: notingStart(line.dispatcher, note, mayStart),
    };
    // Node's own fetch takes undici's dispatcher; the types of the two differ in a detail.
    const response = await until(abort.signal, http(request.url, options as unknown as Options));
    httpStatus = response.status;
    const body = await until(abort.signal, readBody(response, request.maxBodyBytes));
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
    };
  } catch (error) {
    if (abort.signal.aborted) note.abort?.(new Error('given up'));
    if (request.signal?.aborted) throw request.signal.reason;
    return lost(reason ?? faultOf(error, host));
  } finally {
    line?.end();
    leave?.();
    for (const timer of timers) clearTimeout(timer);
    request.signal?.removeEventListener('abort', onCallerAbort);
  }
}

/**
 * The promise's outcome, or the signal's reason as soon as it aborts.
 *
 * The way from a signal to a body that is being read goes over weak references in Node 20, in
 * ky's `AbortSignal.any` and in `Request`: once they are collected, nothing ends a stalled body.
 */
async function until<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
