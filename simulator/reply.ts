import type { Quirks } from './quirks.js';

/** An answer, before a fault changes it on its way. */
export interface Reply {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** Adds `Retry-After` if there is a value for it. */
export function withRetryAfter(reply: Reply, retryAfter: number | string | undefined): Reply {
  if (retryAfter === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfter) } };
}

/** Error shape 1: ModelArts itself. */
export function modelartsError(
  status: number,
  code: string,
  text: string,
  quirks: Pick<Quirks, 'errorText'>,
  hasIsSuccess = true,
): Reply {
  return {
    status,
    body: JSON.stringify({
      ...(hasIsSuccess && { is_success: false }),
      error_code: code,
      [quirks.errorText]: text,
    }),
  };
}

/** Error shape 2: the gateway in front of ModelArts. */
export function gatewayError(status: number, code: string, text: string, requestId: string): Reply {
  return {
    status,
    body: JSON.stringify({ error_code: code, error_msg: text, request_id: requestId }),
  };
}
