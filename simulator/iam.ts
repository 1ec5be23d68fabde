import { randomBytes, randomUUID } from 'node:crypto';
import type { Reply } from './reply.js';

/** The users and projects of an account. */
export interface IamOptions {
  users: { name: string; password: string; domain: string }[];
  projects: { id: string; name: string }[];
  /** Default: 24 hours. */
  tokenLifetimeMs?: number;
  /** Default: 2,000, as a token without a catalogue has. */
  tokenBytes?: number;
}

/** Wrong passwords in a row that lock an account, and for how long. The number is a guess. */
const MOST_WRONG_PASSWORDS = 5;
const LOCKED_MS = 15 * 60_000;

interface Login {
  auth: {
    identity: { password: { user: { name: string; password: string; domain: { name: string } } } };
    scope: { project: { id?: string; name?: string } };
  };
}

/** IAM: gives tokens to users with a password, and names projects. Read at each request, so options may change. */
export class Iam {
  /** Token → when it ends. */
  readonly #tokens = new Map<string, number>();
  readonly #wrong = new Map<string, { count: number; lockedUntil: number }>();

  constructor(readonly options: IamOptions) {}

  /** Answers `POST /v3/auth/tokens`. */
  login(body: string, now: number): Reply {
    const { identity, scope } = (JSON.parse(body) as Login).auth;
    const { name, password, domain } = identity.password.user;
    const account = `${domain.name}/${name}`;
    const wrong = this.#wrong.get(account) ?? { count: 0, lockedUntil: 0 };
    if (now < wrong.lockedUntil) return iamError(401, 'The account is locked.');
    const user = this.options.users.find((one) => one.name === name && one.domain === domain.name);
    if (user?.password !== password) {
      const count = wrong.count + 1;
      const lockedUntil = count >= MOST_WRONG_PASSWORDS ? now + LOCKED_MS : 0;
      this.#wrong.set(account, { count, lockedUntil });
      return iamError(401, 'The username or password is wrong.');
    }
    this.#wrong.delete(account);
    const project = this.options.projects.find(
      (one) => one.id === scope.project.id || one.name === scope.project.name,
    );
    if (project === undefined) return iamError(403, 'The project does not exist.');
    return this.#token(project, now);
  }

  #token(project: { id: string; name: string }, now: number): Reply {
    const { tokenLifetimeMs = 24 * 60 * 60_000, tokenBytes = 2_000 } = this.options;
    const token = `MIISimulatedSecret${randomBytes(tokenBytes).toString('base64')}`.slice(
      0,
      tokenBytes,
    );
    this.#tokens.set(token, now + tokenLifetimeMs);
    const issued_at = microseconds(now);
    const expires_at = microseconds(now + tokenLifetimeMs);
    return {
      status: 201,
      headers: { 'x-subject-token': token },
      body: JSON.stringify({ token: { methods: ['password'], issued_at, expires_at, project } }),
    };
  }

  /** Answers `GET /v3/projects?name=`. */
  projects(query: URLSearchParams): Reply {
    const name = query.get('name');
    const projects = this.options.projects.filter((one) => name === null || one.name === name);
    return { status: 200, body: JSON.stringify({ projects, links: {} }) };
  }

  /** Whether the token is one of IAM's, and whether it has ended. */
  tokenState(token: string, now: number): 'valid' | 'ended' | 'unknown' {
    const endsAt = this.#tokens.get(token);
    if (endsAt === undefined) return 'unknown';
    return now < endsAt ? 'valid' : 'ended';
  }

  /** Ends all tokens, as a change of rights does. */
  endTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }
}

/** Error shape 3: IAM. */
function iamError(status: number, message: string): Reply {
  const title = status === 401 ? 'Unauthorized' : 'Forbidden';
  const body = JSON.stringify({ error: { code: status, message, title }, request: randomUUID() });
  return { status, body };
}

/** `2026-01-03T03:04:05.123000Z` */
function microseconds(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '000Z');
}
