import { randomBytes } from 'node:crypto';
import type { Reply } from './reply.js';

export interface AgencyOptions {
  /** How long temporary keys live; default 24 hours. */
  keyLifetimeMs?: number;
  /** Whether the service has tokens; default yes. Those of the first version have none. */
  hasTokens?: boolean;
}

interface TemporaryKey {
  secretKey: string;
  securityToken: string;
  endsAt: number;
}

/** The metadata service of a node with an agency: gives temporary keys, new ones at each request. */
export class Metadata {
  readonly #tokens = new Set<string>();
  /** Access key → the rest of it. */
  readonly #keys = new Map<string, TemporaryKey>();

  constructor(readonly options: AgencyOptions) {}

  /** Answers `PUT /meta-data/latest/api/token`. */
  token(headers: Readonly<Record<string, string>>): Reply {
    if (this.options.hasTokens === false) return { status: 404, body: '' };
    const isGood = /^\d+$/.test(headers['x-metadata-token-ttl-seconds'] ?? '');
    if (!isGood) return { status: 400, body: '' };
    const token = `SimulatedSecret${randomBytes(24).toString('hex')}`;
    this.#tokens.add(token);
    return { status: 200, body: token };
  }

  /** Answers `GET /openstack/latest/securitykey`. */
  securityKey(headers: Readonly<Record<string, string>>, now: number): Reply {
    const { hasTokens = true, keyLifetimeMs = 24 * 60 * 60_000 } = this.options;
    if (hasTokens && !this.#tokens.has(headers['x-metadata-token'] ?? '')) {
      return { status: 401, body: '' };
    }
    const access = randomBytes(10).toString('hex').toUpperCase();
    const [secret, securitytoken] = [20, 200].map(
      (bytes) => `SimulatedSecret${randomBytes(bytes).toString('hex')}`,
    ) as [string, string];
    const endsAt = now + keyLifetimeMs;
    this.#keys.set(access, { secretKey: secret, securityToken: securitytoken, endsAt });
    const expires_at = new Date(endsAt).toISOString();
    const credential = { access, secret, securitytoken, expires_at };
    return { status: 200, body: JSON.stringify({ credential }) };
  }

  /** The temporary key, until it ends. */
  keyOf(accessKey: string, now: number): TemporaryKey | undefined {
    const key = this.#keys.get(accessKey);
    return key !== undefined && now < key.endsAt ? key : undefined;
  }

  /** Ends all keys that were given so far. */
  endKeys(): void {
    this.#keys.clear();
  }
}
