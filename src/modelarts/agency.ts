import { defined } from '../domain/defined.js';
import { isRecord } from '../domain/is-record.js';
import { SENDABLE } from './credentials.js';
import {
  type CredentialsReport,
  type CredentialsSource,
  SecretBook,
} from './credentials-source.js';
import { exchange, type Exchange } from './exchange.js';
import { parseJson } from './job-body.js';
import { createFreshLane } from './lane.js';
import { type Fetched, renewedSource } from './renewed-source.js';

/** The metadata service of an ECS or CCE node. Only the node itself can reach this address. */
const METADATA_SERVICE = 'http://169.254.169.254';

/** Huawei's SDK asks for a metadata token of 6 hours. Ours is used at once, and once. */
const TOKEN_SECONDS = '60';
const MAX_BODY_BYTES = 64 * 1024;

/** Huawei's SDK renews temporary keys so long before they end. */
const AHEAD_MS = 40 * 60_000;
const JITTER_MS = 5 * 60_000;

const WHAT_IT_NEEDS =
  'HW_ECS_AGENCY needs an ECS or CCE node of Huawei Cloud with an agency that may use ModelArts';

type Asked =
  | { kind: 'answered'; httpStatus: number; body: string; date?: string }
  | { kind: 'lost'; reason: string };

/** Temporary keys that the machine gets for its agency. */
export function ecsAgency(options: {
  from: string;
  timeoutMs: number;
  report: CredentialsReport;
  /** For tests: another address of the metadata service. */
  metadataService?: string;
}): CredentialsSource {
  const { from, timeoutMs, report, metadataService = METADATA_SERVICE } = options;
  const lane = createFreshLane(1);
  const secrets = new SecretBook();

  async function ask(
    method: 'GET' | 'PUT',
    path: string,
    headers: Record<string, string>,
  ): Promise<Asked> {
    const exchanged: Exchange = await exchange(lane, {
      method,
      url: new URL(path, metadataService),
      headers: () => headers,
      maxBodyBytes: MAX_BODY_BYTES,
      timeoutMs,
      startBy: Date.now() + timeoutMs,
    });
    if (exchanged.kind === 'lost') return { kind: 'lost', reason: exchanged.reason };
    const { httpStatus, body = '', date } = exchanged;
    return { kind: 'answered', httpStatus, body, ...defined({ date }) };
  }

  async function fetch(): Promise<Fetched> {
    const token = await ask('PUT', '/meta-data/latest/api/token', {
      'x-metadata-token-ttl-seconds': TOKEN_SECONDS,
    });
    if (token.kind === 'lost') return absent(token.reason);
    // Services of the first version have no tokens, and need none.
    const isToken = token.httpStatus === 200 && SENDABLE.test(token.body);
    if (isToken) secrets.add(token.body);
    const headers: Record<string, string> = isToken ? { 'x-metadata-token': token.body } : {};
    const keys = await ask('GET', '/openstack/latest/securitykey', headers);
    if (keys.kind === 'lost') return absent(keys.reason);
    return keysIn(keys.body, keys.date) ?? absent(`HTTP ${keys.httpStatus} without keys`);
  }

  return renewedSource({
    from,
    fetch,
    renewAfterMs: (lifetimeMs) =>
      Math.max(lifetimeMs / 2, lifetimeMs - AHEAD_MS - Math.random() * JITTER_MS),
    secrets,
    report,
    tellsProject: false,
    close: () => lane.close(),
  });
}

/** The service is away, or the machine has no agency. Both may change while the worker runs. */
function absent(why: string): Fetched {
  return {
    kind: 'later',
    error: { message: `no keys from the metadata service: ${why}. ${WHAT_IT_NEEDS}` },
  };
}

/** @param date the `Date` header, since the machine's own clock may be wrong */
function keysIn(text: string, date = ''): Fetched | undefined {
  const body = parseJson(text);
  const keys = isRecord(body) ? body['credential'] : undefined;
  if (!isRecord(keys)) return undefined;
  const part = (name: string): string | undefined => {
    const value = keys[name];
    return typeof value === 'string' && SENDABLE.test(value) ? value : undefined;
  };
  const [accessKey, secretKey] = [part('access'), part('secret')];
  const [securityToken, expiresAt] = [part('securitytoken'), part('expires_at')];
  const now = Date.parse(date);
  const lifetimeMs = Date.parse(expiresAt ?? '') - (Number.isNaN(now) ? Date.now() : now);
  if (accessKey === undefined || secretKey === undefined || securityToken === undefined) {
    return undefined;
  }
  if (Number.isNaN(lifetimeMs)) return undefined;
  const credentials = { kind: 'ak-sk', accessKey, secretKey, securityToken } as const;
  return { kind: 'got', credentials, lifetimeMs: Math.max(0, lifetimeMs) };
}
