export const CODE_KEYS = ['error_code', 'errorCode', 'code'] as const;
const TEXT_KEYS = ['error_message', 'error_msg', 'errorMessage', 'errorMsg', 'message'] as const;

/** A code is a word such as `APIGW.0301`; IAM's numeric `code` only repeats the HTTP status. */
const CODE = /^[A-Za-z][\w.-]{0,63}$/;

/** What an error body says, in any of the shapes that ModelArts, its gateway and IAM use. */
export interface ErrorBody {
  code?: string;
  text?: string;
}

/** Reads code and text: top level first, then inside nested objects. */
export function readErrorBody(body: unknown): ErrorBody {
  if (!isRecord(body)) return {};
  const places = [body, ...Object.values(body).filter(isRecord)];
  const code = firstOf(places, CODE_KEYS, isCode);
  const text = firstOf(places, TEXT_KEYS, (found) => found.trim() !== '');
  return { ...(code !== undefined && { code }), ...(text !== undefined && { text }) };
}

export function isCode(text: string): boolean {
  return CODE.test(text);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
