import { createHash, createHmac } from 'node:crypto';

/** How a request is authenticated: with an access key that signs it, or with a ready IAM token. */
export type Credentials =
  | { kind: 'ak-sk'; accessKey: string; secretKey: string; securityToken?: string }
  | { kind: 'token'; token: string };

/** The characters that a credential may have: what a header may hold, without spaces. */
export const SENDABLE = /^[\x21-\x7e]+$/;

export interface AuthenticatedCall {
  method: string;
  url: URL;
  /** Empty for a call that is about no project. */
  projectId: string;
}

/** The headers that authenticate a call made at this instant. */
export function authenticate(
  call: AuthenticatedCall,
  credentials: Credentials,
  instantMs: number,
): Record<string, string> {
  if (credentials.kind === 'token') return { 'x-auth-token': credentials.token };
  const headers: Record<string, string> = { 'x-sdk-date': sdkDate(instantMs) };
  if (call.projectId !== '') headers['x-project-id'] = call.projectId;
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
    if (!SENDABLE.test(value)) {
      throw new TypeError('a credential is empty, or holds spaces or characters other than ASCII');
    }
  }
}

/** Whether two credentials would authenticate alike. */
export function isSame(one: Credentials | undefined, other: Credentials): boolean {
  if (one === undefined || one === other) return one === other;
  return one.kind === other.kind && partsOf(one).join(' ') === partsOf(other).join(' ');
}

/** Every value that must not appear in an answer, a log line or an error. */
export function partsOf(credentials: Credentials): string[] {
  if (credentials.kind === 'token') return [credentials.token];
  const { accessKey, secretKey, securityToken } = credentials;
  return securityToken ? [accessKey, secretKey, securityToken] : [accessKey, secretKey];
}

const ALGORITHM = 'SDK-HMAC-SHA256';

export interface SignableRequest {
  method: string;
  url: URL;
  /** Exactly the headers that are signed, `host` and `x-sdk-date` among them. */
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface Signature {
  /** The value of the `Authorization` header. */
  authorization: string;
  canonicalRequest: string;
  stringToSign: string;
}

/**
 * Signs a request with an access key the way Huawei Cloud's gateway verifies it.
 *
 * Huawei Cloud's API signing guide, support.huaweicloud.com/devg-apisign/api-sign-algorithm-001.
 */
export function sign(
  request: SignableRequest,
  key: { accessKey: string; secretKey: string },
): Signature {
  const headers = Object.entries(request.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .sort(([a], [b]) => byCodePoint(a, b));
  const signedHeaders = headers.map(([name]) => name).join(';');
  const canonicalRequest = [
    request.method.toUpperCase(),
    canonicalPath(request.url.pathname),
    canonicalQuery(queryPairs(request.url.search)),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    signedHeaders,
    sha256(request.body ?? ''),
  ].join('\n');
  const date = headers.find(([name]) => name === 'x-sdk-date')?.[1] ?? '';
  const stringToSign = [ALGORITHM, date, sha256(canonicalRequest)].join('\n');
  const signature = createHmac('sha256', key.secretKey).update(stringToSign).digest('hex');
  return {
    authorization: `${ALGORITHM} Access=${key.accessKey}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    canonicalRequest,
    stringToSign,
  };
}

/** `20260102T030405Z`: the form of `X-Sdk-Date`. */
export function sdkDate(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d+|[-:]/g, '');
}

/** A query in the one form that is signed and sent: sorted by name, then by value, all encoded. */
export function canonicalQuery(pairs: readonly (readonly [string, string])[]): string {
  return [...pairs]
    .sort((a, b) => byCodePoint(a[0], b[0]) || byCodePoint(a[1], b[1]))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** Percent-encodes all but `A–Z a–z 0–9 - _ . ~`; `encodeURIComponent` leaves out five more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The path that is signed ends with a slash, which is not added to the path that is sent. */
function canonicalPath(path: string): string {
  const encoded = path
    .split('/')
    .map((segment) => encode(decodeURIComponent(segment)))
    .join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

function queryPairs(search: string): [string, string][] {
  return search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
    });
}

/** JavaScript compares UTF-16 units, the gateway code points. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
