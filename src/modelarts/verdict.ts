import { CODE_KEYS, isCode, isRecord, readErrorBody } from './error-body.js';

/** What the body of a 2xx makes of a request. `unclear`: only a look at the job can tell. */
export type RequestVerdict = 'taken' | 'failed' | 'unclear';
/** What the body of a 2xx makes of a read. */
export type ReadVerdict = 'good' | 'failed' | 'unclear';

/** What `is_success` says. `word-yes`: the string "true". `odd`: anything else that is no boolean. */
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

/** Keys that hint at an error in an answer that says it was taken, however they are written. */
const ERROR_KEY = /^err/i;
const SUCCESS_KEY = /^(is_?)?success$/i;

/** A request counts as taken, or as failed, only where nothing in the body says otherwise. */
export function requestVerdict(body: unknown): RequestVerdict {
  if (!isRecord(body)) return 'unclear';
  if (claimOf(body) === 'yes') return hintsAtError(body) ? 'unclear' : 'taken';
  return saysFailed(body) ? 'failed' : 'unclear';
}

/** A read is good without `is_success`, which some versions of the API leave out of details. */
export function readVerdict(body: unknown): ReadVerdict {
  if (!isRecord(body)) return 'unclear';
  const signs = errorSigns(body);
  const isClean = !signs.has('named') && !signs.has('odd');
  if (isClean && ['yes', 'word-yes', 'none'].includes(claimOf(body))) return 'good';
  return saysFailed(body) ? 'failed' : 'unclear';
}

/** Does a body speak of success, where its HTTP status speaks of an error? */
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
  // A word without a digit may as well be "OK" or "success".
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

/** Looks everywhere in the body, with a list of its own: recursion could run out of stack. */
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
