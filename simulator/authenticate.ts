import type { Iam } from './iam.js';
import type { KeyLocks } from './key-locks.js';
import type { Metadata } from './metadata.js';
import { verifySignature, type SignedRequest } from './verify-signature.js';

/** The credentials that a request may carry. Read at each request, so a test may change them. */
export interface AuthenticateOptions {
  accessKey?: string;
  secretKey?: string;
  /** Makes the keys temporary: a request must carry this token, and its signature must cover it. */
  securityToken?: string;
  /** Valid IAM tokens; one that is removed from here has expired. */
  tokens?: string[];
  /** How far the gateway's clock is ahead of this machine's; default 0. */
  clockAheadMs?: number;
  /** Whether a refused time is told in the text; default no. The `Date` header tells it always. */
  tellsServerTime?: boolean;
}

/** What else the gateway knows about credentials. */
export interface Issuers {
  iam?: Iam;
  metadata?: Metadata;
  locks: KeyLocks;
}

export interface AuthRefusal {
  code: string;
  text: string;
}

/** Returns the gateway's 401, or `undefined` if the request may pass. */
export function authenticate(
  request: SignedRequest,
  options: AuthenticateOptions | undefined,
  issuers: Issuers,
  machineNow = Date.now(),
): AuthRefusal | undefined {
  if (options === undefined) return undefined;
  const now = machineNow + (options.clockAheadMs ?? 0);
  const { headers } = request;
  const reason =
    headers['authorization'] === undefined
      ? againstToken(headers['x-auth-token'], options, issuers, now)
      : againstKey(request, options, issuers, now);
  if (reason === undefined || typeof reason !== 'string') return reason;
  return { code: 'APIGW.0301', text: `Incorrect IAM authentication information: ${reason}` };
}

const RENEW = { code: 'APIGW.0307', text: 'The token must be updated.' };

function againstToken(
  token: string | undefined,
  { tokens }: AuthenticateOptions,
  { iam }: Issuers,
  now: number,
): AuthRefusal | string | undefined {
  if (token === undefined) return 'x-auth-token not found';
  if (tokens?.includes(token)) return undefined;
  const state = iam?.tokenState(token, now) ?? 'unknown';
  if (state === 'valid') return undefined;
  return state === 'ended' ? RENEW : 'decrypt token fail';
}

function againstKey(
  request: SignedRequest,
  options: AuthenticateOptions,
  { metadata, locks }: Issuers,
  now: number,
): string | undefined {
  const [, accessKey = ''] =
    /\bAccess=([^,\s]+)/.exec(request.headers['authorization'] ?? '') ?? [];
  if (locks.isLocked(accessKey, now)) return 'AK access failed to reach the limit, forbidden';
  const issued = metadata?.keyOf(accessKey, now);
  const reason = signatureFault(request, issued ? { accessKey, ...issued } : options, now);
  locks.count(accessKey, reason === undefined, now);
  const isLate = reason?.includes('signature expired') && options.tellsServerTime;
  if (!isLate) return reason;
  const server = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${reason}, signature time:${request.headers['x-sdk-date']},server time:${server}`;
}

function signatureFault(
  request: SignedRequest,
  { accessKey, secretKey, securityToken }: AuthenticateOptions,
  now: number,
): string | undefined {
  if (accessKey === undefined || secretKey === undefined) return 'verify aksk signature fail';
  const { headers } = request;
  const reason = verifySignature(request, { accessKey, secretKey }, now);
  if (reason !== undefined || securityToken === undefined) return reason;
  const isSigned = /SignedHeaders=[^,]*\bx-security-token\b/.test(headers['authorization'] ?? '');
  return isSigned && headers['x-security-token'] === securityToken
    ? undefined
    : 'verify aksk signature fail';
}
