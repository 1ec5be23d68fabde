import type { Quirks } from './quirks.js';

/** An answer, before anything happens to it on its way. */
export interface Reply {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** Shape 1: an error of ModelArts itself. */
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

/** Shape 2: an error of the gateway before it. */
export function gatewayError(status: number, code: string, text: string, requestId: string): Reply {
  return {
    status,
    body: JSON.stringify({ error_code: code, error_msg: text, request_id: requestId }),
  };
}
