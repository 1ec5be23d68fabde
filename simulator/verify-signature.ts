import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it arrived. */
export interface SignedRequest {
  method: string;
  /** Path and query, as they were sent. */
  target: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array;
}

const SCHEME =
  /^SDK-HMAC-SHA256 Access=([^,\s]+), SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})$/;
const WINDOW_MS = 15 * 60_000;

/**
 * Verifies an AK/SK signature (SDK-HMAC-SHA256) by the published description, without the code that
 * signs in `src/`.
 *
 * Returns the gateway's error text, or `undefined` if the signature is valid.
 */
export function verifySignature(
  request: SignedRequest,
  keys: { accessKey: string; secretKey: string },
  now: number,
): string | undefined {
  const [, accessKey, signedHeaders = '', signature = ''] =
    SCHEME.exec(request.headers['authorization'] ?? '') ?? [];
  if (accessKey === undefined) return 'verify aksk signature fail';
  if (accessKey !== keys.accessKey) return `Get secretKey failed,ak:${accessKey},err:ak not exist`;

  const names = signedHeaders.split(';');
  const isOrdered = names.every((name, i) => i === 0 || names[i - 1]! < name);
  const date = request.headers['x-sdk-date'] ?? '';
  const isComplete = ['host', 'x-sdk-date'].every((name) => names.includes(name));
  const signedAt = timeOf(date);
  if (!isOrdered || !isComplete || signedAt === undefined) return 'verify aksk signature fail';
  if (Math.abs(now - signedAt) > WINDOW_MS) return 'calc ak sk signature fail:signature expired';

  const [path = '', query = ''] = request.target.split('?', 2);
  const canonicalRequest = [
    request.method.toUpperCase(),
    canonicalPath(path),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim()}`),
    '',
    signedHeaders,
    createHash('sha256').update(request.body).digest('hex'),
  ].join('\n');
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  const expected = createHmac('sha256', keys.secretKey)
    .update(`SDK-HMAC-SHA256\n${date}\n${hash}`)
    .digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
    ? undefined
    : 'verify aksk signature fail';
}

function canonicalPath(path: string): string {
  const encoded = path
    .split('/')
    .map((part) => encode(decode(part)))
    .join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decode(name), decode(value.join('='))] as const;
    })
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** Compares the bytes of the UTF-8 forms, which is the order of the code points. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Returns a text with a stray `%` as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function timeOf(date: string): number | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  if (parts.length === 0) return undefined;
  const [year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
