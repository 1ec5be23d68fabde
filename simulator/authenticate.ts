import { verifySignature, type SignedRequest } from './verify-signature.js';

/** The credentials that a request may carry. */
export interface AuthenticateOptions {
  accessKey?: string;
  secretKey?: string;
  /** Makes the keys temporary: a request must carry this token, and its signature must cover it. */
  securityToken?: string;
  /** Valid IAM tokens. Read at each request, so a token that is removed from here has expired. */
  tokens?: string[];
}

/** Returns the text of the gateway's 401, or `undefined` if the request may pass. */
export function authenticate(
  request: SignedRequest,
  options: AuthenticateOptions | undefined,
  now = Date.now(),
): string | undefined {
  if (options === undefined) return undefined;
  const reason = reasonAgainst(request, options, now);
  return reason && `Incorrect IAM authentication information: ${reason}`;
}

function reasonAgainst(
  request: SignedRequest,
  { accessKey, secretKey, securityToken, tokens }: AuthenticateOptions,
  now: number,
): string | undefined {
  const { headers } = request;
  if (headers['authorization'] !== undefined) {
    if (accessKey === undefined || secretKey === undefined) return 'verify aksk signature fail';
    const reason = verifySignature(request, { accessKey, secretKey }, now);
    if (reason !== undefined || securityToken === undefined) return reason;
    const isSigned = /SignedHeaders=[^,]*\bx-security-token\b/.test(headers['authorization']);
    return isSigned && headers['x-security-token'] === securityToken
      ? undefined
      : 'verify aksk signature fail';
  }
  const token = headers['x-auth-token'];
  if (token === undefined) return 'x-auth-token not found';
  return tokens?.includes(token) ? undefined : 'decrypt token fail';
}
