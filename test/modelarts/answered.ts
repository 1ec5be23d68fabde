import type { Exchange } from '../../src/modelarts/exchange.js';

/** An exchange that was answered; a string is the body as it is, anything else becomes JSON. */
export function answered(
  httpStatus: number,
  body: unknown,
  more: Partial<Exchange> = {},
): Exchange {
  return {
    kind: 'answered',
    httpStatus,
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
    requestId: undefined,
    retryAfterMs: undefined,
    startedAt: 1,
    ...more,
  } as Exchange;
}

/** For tests in which no secret is about. */
export const same = (text: string): string => text;
