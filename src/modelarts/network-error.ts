/** What went wrong on the way, by the code that Node, OpenSSL or undici gives it. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'host name unknown',
  EAI_AGAIN: 'host name could not be looked up',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EPIPE: 'connection closed',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  UND_ERR_SOCKET: 'connection closed',
  UND_ERR_HEADERS_OVERFLOW: 'headers of the answer too large',
  UND_ERR_DESTROYED: 'client closed',
  UND_ERR_CLOSED: 'client closed',
  Z_DATA_ERROR: 'compressed answer damaged',
  Z_BUF_ERROR: 'compressed answer cut off',
};

/** How deep an error nests its cause: `fetch failed` → the socket's error. */
const DEEPEST_CAUSE = 4;

/** Codes that say that the host's name is wrong, and codes that have nothing to do with the host. */
const ABOUT_THE_NAME: readonly string[] = ['ENOTFOUND', 'EAI_AGAIN'];
const OUR_OWN: readonly string[] = ['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'];

/**
 * Describes a failed exchange: `connection refused (ECONNREFUSED) at modelarts.example.com`.
 *
 * Uses the code and the host alone, because an error's own message and cause may quote the request,
 * headers included.
 *
 * @param host with its port, if that is not the default one
 */
export function networkError(error: unknown, host: string): string {
  const code = codeOf(error);
  if (code === undefined) return `connection failed at ${host}`;
  const words = `${WORDS[code] ?? wordsOf(code)} (${code})`;
  if (OUR_OWN.includes(code)) return words;
  return ABOUT_THE_NAME.includes(code) ? `${words}: ${host}` : `${words} at ${host}`;
}

function codeOf(error: unknown): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && isObject(current); depth += 1) {
    const { code } = current;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
    current = current['cause'];
  }
  return undefined;
}

function wordsOf(code: string): string {
  if (code.startsWith('HPE_')) return 'answer is not HTTP';
  return /CERT|TLS|SSL|ISSUER/.test(code) ? 'no secure connection' : 'connection failed';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
