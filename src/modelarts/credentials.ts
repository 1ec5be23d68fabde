import { sdkDate, sign } from './signing.js';

/** How a request is authenticated: with an access key that signs it, or with a ready IAM token. */
export type Credentials =
  | { kind: 'ak-sk'; accessKey: string; secretKey: string; securityToken?: string }
  | { kind: 'token'; token: string };

export interface AuthenticatedCall {
  method: string;
  url: URL;
  projectId: string;
}

/** The headers that authenticate a call made at this instant. */
export function authenticate(
  call: AuthenticatedCall,
  credentials: Credentials,
  instantMs: number,
): Record<string, string> {
  if (credentials.kind === 'token') return { 'x-auth-token': credentials.token };
  const headers: Record<string, string> = {
    'x-project-id': call.projectId,
    'x-sdk-date': sdkDate(instantMs),
  };
  if (credentials.securityToken) headers['x-security-token'] = credentials.securityToken;
  const { authorization } = sign(
    { method: call.method, url: call.url, headers: { ...headers, host: call.url.host } },
    credentials,
  );
  return { ...headers, authorization };
}

/**
 * Throws if the credentials can't be sent in a header.
 *
 * `fetch` would refuse them too, but with an error that quotes the value.
 */
export function assertSendable(credentials: Credentials): void {
  for (const value of partsOf(credentials)) {
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw new TypeError('a credential is empty, or holds spaces or characters other than ASCII');
    }
  }
}

/** Every value that must not appear in an answer, a log line or an error. */
export function partsOf(credentials: Credentials): string[] {
  if (credentials.kind === 'token') return [credentials.token];
  const { accessKey, secretKey, securityToken } = credentials;
  return securityToken ? [accessKey, secretKey, securityToken] : [accessKey, secretKey];
}
