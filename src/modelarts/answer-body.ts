import { defined } from '../domain/defined.js';
import { isRecord } from '../domain/is-record.js';

/** What the body of a 2xx says about a request. `unclear`: only a look at the job can tell. */
export type RequestSaid = 'taken' | 'failed' | 'unclear';
/** What the body of a 2xx says about a read. */
export type ReadSaid = 'good' | 'failed' | 'unclear';

/** What `is_success` says. `none`: absent or null. `word-yes`: the string "true". `odd`: any other non-boolean. */
type Claim = 'yes' | 'no' | 'none' | 'word-yes' | 'odd';

/**
 * What one of `error_code`, `errorCode` and `error` says.
 *
 * - `named`: a real code, or an error object with a code or a text.
 * - `odd`: something that is no error in any documented shape.
 * - `zero`: something that stands for "no error": `0`, `"0"`, `"CBC.0000"`, `false`, `{}`, `[]`.
 * - `none`: nothing, or `null`, or blank.
 */
type ErrorSign = 'named' | 'odd' | 'zero' | 'none';

/** Keys, in any letter case, that hint at an error although `is_success` is true. */
const ERROR_KEY = /^err/i;
const SUCCESS_KEY = /^(is_?)?success$/i;

/** A request counts as taken, or as failed, only if nothing in the body says otherwise. */
export function saysOfRequest(body: unknown): RequestSaid {
  if (!isRecord(body)) return 'unclear';
  if (claimOf(body) === 'yes') return hintsAtError(body) ? 'unclear' : 'taken';
  return saysFailed(body) ? 'failed' : 'unclear';
}

/** A read may be good without `is_success`, because some versions of the API leave it out of job details. */
export function saysOfRead(body: unknown): ReadSaid {
  if (!isRecord(body)) return 'unclear';
  const signs = errorSigns(body);
  const isClean = !signs.has('named') && !signs.has('odd');
  if (isClean && ['yes', 'word-yes', 'none'].includes(claimOf(body))) return 'good';
  return saysFailed(body) ? 'failed' : 'unclear';
}

/** Whether the body of an HTTP error denies the error: it has an `is_success` that is not false. */
export function deniesError(body: unknown): boolean {
  return isRecord(body) && !['no', 'none'].includes(claimOf(body));
}

function saysFailed(body: Record<string, unknown>): boolean {
  const signs = errorSigns(body);
  switch (claimOf(body)) {
    case 'no':
      return signs.has('named') || !signs.has('zero');
    case 'none':
      // The gateway's own refusals, and ModelArts' in some documents, have no is_success.
      return signs.has('named') && !signs.has('zero');
    case 'yes':
    case 'word-yes':
    case 'odd':
      return false;
  }
}

function claimOf(body: Record<string, unknown>): Claim {
  const value = body['is_success'];
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' && /^true$/i.test(value) ? 'word-yes' : 'odd';
}

/** A bare `code` or `message` does not count: good answers may hold such keys (`flavor.code`). */
function errorSigns(body: Record<string, unknown>): Set<ErrorSign> {
  return new Set([
    codeSign(body['error_code']),
    codeSign(body['errorCode']),
    objectSign(body['error']),
  ]);
}

function codeSign(value: unknown): ErrorSign {
  if (!isSaid(value)) return 'none';
  if (isZero(value)) return 'zero';
  // A word without a digit may be no error at all, such as "OK" or "success".
  return typeof value === 'string' && isCode(value) && /\d/.test(value) ? 'named' : 'odd';
}

function objectSign(error: unknown): ErrorSign {
  if (!isSaid(error)) return 'none';
  if (isZero(error)) return 'zero';
  if (!isRecord(error)) return 'odd';
  const codes = CODE_KEYS.map((key) => error[key]).filter(isSaid);
  if (codes.length > 0) return codes.every(isZero) ? 'zero' : 'named';
  return readErrorBody(error).text === undefined ? 'odd' : 'named';
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'string' && !value.trim());
}

function isZero(value: unknown): boolean {
  if (typeof value === 'string') return /^([A-Za-z]\w*\.)?0+$/.test(value);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === 0 || value === false;
}

/** Searches the whole body. Uses a list, because recursion could overflow the stack. */
function hintsAtError(body: Record<string, unknown>): boolean {
  const places: unknown[] = [body];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    if (typeof place !== 'object' || place === null) continue;
    for (const [key, value] of Object.entries(place)) {
      if (ERROR_KEY.test(key) && isSaid(value)) return true;
      if (SUCCESS_KEY.test(key) && value !== true) return true;
      if (typeof value === 'object' && value !== null) places.push(value);
    }
  }
  return false;
}

const CODE_KEYS = ['error_code', 'errorCode', 'code'] as const;
const TEXT_KEYS = ['error_message', 'error_msg', 'errorMessage', 'errorMsg', 'message'] as const;

/** A code is a word such as `APIGW.0301`; IAM's numeric `code` only repeats the HTTP status. */
const CODE = /^[A-Za-z][\w.-]{0,63}$/;

/** What an error body says, in any of the shapes that ModelArts, its gateway and IAM use. */
interface ErrorBody {
  code?: string;
  text?: string;
}

/** Reads code and text: top level first, then inside nested objects. */
export function readErrorBody(body: unknown): ErrorBody {
  if (!isRecord(body)) return {};
  const places = [body, ...Object.values(body).filter(isRecord)];
  const code = firstOf(places, CODE_KEYS, isCode);
  const text = firstOf(places, TEXT_KEYS, (found) => found.trim() !== '');
  return defined({ code, text });
}

function isCode(text: string): boolean {
  return CODE.test(text);
}

function firstOf(
  places: readonly Record<string, unknown>[],
  keys: readonly string[],
  fits: (text: string) => boolean,
): string | undefined {
  for (const place of places) {
    for (const key of keys) {
      const value = place[key];
      if (typeof value === 'string' && fits(value)) return value;
    }
  }
  return undefined;
}
