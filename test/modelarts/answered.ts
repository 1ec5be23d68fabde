import { type Credentials, partsOf } from '../../src/modelarts/credentials.js';
import type { Exchange } from '../../src/modelarts/exchange.js';
import { createScrub, type Scrub } from '../../src/modelarts/scrub.js';

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

/** Hides these credentials. */
export function scrubOf(credentials: Credentials): Scrub {
  const secrets = partsOf(credentials);
  return createScrub(() => secrets);
}
