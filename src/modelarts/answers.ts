import {
  type ReadAnswer,
  type RequestAnswer,
  type ServiceError,
  statusInText,
  WRONG_STATUS_CODE,
} from '../domain/answer.js';
import { defined } from '../domain/defined.js';
import { deniesError, readErrorBody, saysOfRead, saysOfRequest } from './answer-body.js';
import { classify } from './classify.js';
import type { Exchange } from './exchange.js';
import { parseJson } from './job-body.js';
import { cleanText, type Scrub } from './scrub.js';

type Answered = Extract<Exchange, { kind: 'answered' }>;

/** The answer to a read: `read` returns its value, or `undefined` if the body is unusable. */
export function readAnswer<T>(
  exchange: Exchange,
  read: (body: unknown, lookedAt: number) => T | undefined,
  scrub: Scrub,
): ReadAnswer<T> {
  if (exchange.kind === 'lost') return { kind: 'again', error: lostError(exchange) };
  const body = parseJson(exchange.body ?? '');
  if (isSuccess(exchange.httpStatus)) {
    const said = saysOfRead(body);
    const value = said === 'good' ? read(body, exchange.startedAt) : undefined;
    if (value !== undefined) return { kind: 'read', value };
    if (said !== 'failed') return { kind: 'again', error: unusableError(exchange, scrub) };
  }
  const error = serviceError(exchange, body, scrub);
  const refused = classify(exchange.httpStatus, error.code).read === 'refused';
  if (refused && !contradicts(exchange, body)) return { kind: 'refused', error };
  return { kind: 'again', error, ...wait(exchange) };
}

/** The answer to a restart or a stop: `accepted` only if the body says so and hints at no error. */
export function requestAnswer(exchange: Exchange, scrub: Scrub): RequestAnswer {
  if (exchange.kind === 'lost') {
    return { kind: exchange.started ? 'ambiguous' : 'not-sent', error: lostError(exchange) };
  }
  const body = parseJson(exchange.body ?? '');
  if (isSuccess(exchange.httpStatus)) {
    const said = saysOfRequest(body);
    if (said === 'taken') return { kind: 'accepted' };
    if (said === 'unclear') {
      return { kind: 'ambiguous', error: unusableError(exchange, scrub) };
    }
  }
  const error = serviceError(exchange, body, scrub);
  if (contradicts(exchange, body)) return { kind: 'ambiguous', error };
  switch (classify(exchange.httpStatus, error.code).request) {
    case 'refused':
      return { kind: 'refused', error, ...jobStatusIn(error) };
    case 'not-sent':
      return { kind: 'not-sent', error, ...wait(exchange) };
    case 'ambiguous':
      return { kind: 'ambiguous', error };
  }
}

/** Whether the HTTP status is an error but the body denies it. Then neither can be trusted. */
function contradicts({ httpStatus }: Answered, body: unknown): boolean {
  return !isSuccess(httpStatus) && deniesError(body);
}

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

function wait(exchange: Answered): { retryAfterMs?: number } {
  return defined({ retryAfterMs: exchange.retryAfterMs });
}

function jobStatusIn(error: ServiceError): { jobStatus?: number } {
  if (error.code !== WRONG_STATUS_CODE) return {};
  const jobStatus = statusInText(error.message);
  return defined({ jobStatus });
}

function serviceError(exchange: Answered, body: unknown, scrub: Scrub): ServiceError {
  const { code, text } = readErrorBody(body);
  return {
    ...(code !== undefined && code === scrub(code) && { code }),
    message: message(exchange, text, scrub),
    ...about(exchange, scrub),
  };
}

function message(exchange: Answered, text: string | undefined, scrub: Scrub): string {
  const { httpStatus, body } = exchange;
  const said = cleanText(text ?? body ?? '', scrub);
  if (text !== undefined && said !== '') return said;
  if (httpStatus >= 300 && httpStatus < 400) return `HTTP ${httpStatus}: a redirect, not followed`;
  if (body === undefined) return `HTTP ${httpStatus} with a body that is too large`;
  return said === '' ? `HTTP ${httpStatus} without a message` : said;
}

function unusableError(exchange: Answered, scrub: Scrub): ServiceError {
  const begin = cleanText(exchange.body ?? '', scrub).slice(0, 100);
  const what =
    exchange.body === undefined
      ? 'a body that is too large'
      : `an unusable body: ${begin || 'empty'}`;
  return { message: `HTTP ${exchange.httpStatus} with ${what}`, ...about(exchange, scrub) };
}

function about(exchange: Answered, scrub: Scrub): { httpStatus: number; requestId?: string } {
  const { httpStatus, requestId } = exchange;
  const clean = requestId !== undefined && /^[\w.:-]{1,128}$/.test(requestId);
  return { httpStatus, ...(clean && { requestId: scrub(requestId) }) };
}

function lostError(exchange: Extract<Exchange, { kind: 'lost' }>): ServiceError {
  const { reason, httpStatus } = exchange;
  return { message: reason, ...defined({ httpStatus }) };
}
