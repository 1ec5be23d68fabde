import { defined } from '../domain/defined.js';
import { isRecord } from '../domain/is-record.js';
import { readErrorBody } from './answer-body.js';
import { SENDABLE } from './credentials.js';
import {
  type CredentialsReport,
  type CredentialsSource,
  SecretBook,
} from './credentials-source.js';
import { exchange, type Exchange } from './exchange.js';
import type { Setting } from './file-source.js';
import { parseJson } from './job-body.js';
import { createFreshLane } from './lane.js';
import { type Fetched, renewedSource } from './renewed-source.js';
import { cleanText, createScrub, shortened } from './scrub.js';
import { secretIn, WatchedFiles } from './watched-files.js';

/** An IAM user, and what its tokens are for. */
export interface IamLogin {
  kind: 'login';
  /** IAM's origin, such as `https://iam.cn-north-4.myhuaweicloud.com`. */
  authUrl: string;
  userName: string;
  password: Setting;
  domainName: string;
  project: { id: string } | { name: string };
}

/** A token has up to some 20 kB, above Node's limit for all headers of an answer (ocr_01_0109). */
const MAX_HEAD_BYTES = 256 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;

/** If IAM does not say when a token ends. IAM's tokens live 24 hours; a guess on the safe side. */
const UNKNOWN_LIFETIME_MS = 60 * 60_000;

/** Statuses by which IAM, or a proxy, says "not now". All other errors come again with the same login. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 421, 425, 429]);

/** Tokens that IAM gives to a user with a password. */
export function iamLogin(
  login: IamLogin,
  options: { from: string; timeoutMs: number; report: CredentialsReport },
): CredentialsSource {
  const { from, timeoutMs, report } = options;
  const url = new URL('/v3/auth/tokens?nocatalog=1', login.authUrl);
  const lane = createFreshLane(1, MAX_HEAD_BYTES);
  const secrets = new SecretBook();
  const scrub = createScrub(() => secrets.all());
  const password = passwordOf(login.password, report);

  async function fetch(secret: string | undefined): Promise<Fetched> {
    if (secret === undefined) {
      return { kind: 'later', error: { message: 'no login to IAM: the password can’t be read' } };
    }
    secrets.add(secret);
    const exchanged = await exchange(lane, {
      method: 'POST',
      url,
      body: bodyOf(login, secret),
      headers: () => ({ 'content-type': 'application/json;charset=utf8' }),
      maxBodyBytes: MAX_BODY_BYTES,
      timeoutMs,
      startBy: Date.now() + timeoutMs,
    });
    if (exchanged.kind === 'lost') {
      return { kind: 'later', error: { message: `no token from IAM: ${exchanged.reason}` } };
    }
    return tokenIn(exchanged) ?? refusalIn(exchanged);
  }

  function refusalIn(answered: Extract<Exchange, { kind: 'answered' }>): Fetched {
    const { httpStatus, body = '', retryAfterMs } = answered;
    const { code, text } = readErrorBody(parseJson(body));
    const said = cleanText(text ?? body, scrub) || 'no reason given';
    const isTransient = httpStatus < 300 || httpStatus >= 500 || TRANSIENT.has(httpStatus);
    const what = isTransient ? 'no token from IAM' : 'IAM refused the login';
    const error = {
      ...(code !== undefined && code === scrub(code) && { code }),
      message: shortened(`${what}: HTTP ${httpStatus}: ${said}`),
      httpStatus,
    };
    if (isTransient) return { kind: 'later', error, ...defined({ retryAfterMs }) };
    return { kind: 'refused', error };
  }

  return renewedSource({
    from,
    fetch,
    // Some hours ahead of the end of a day, and not at the same moment in all workers.
    renewAfterMs: (lifetimeMs) => lifetimeMs * (0.8 + 0.1 * Math.random()),
    settings: password,
    secrets,
    report,
    tellsProject: true,
    close: () => lane.close(),
  });
}

function passwordOf(
  setting: Setting,
  report: CredentialsReport,
): (isUrgent: boolean) => Promise<string | undefined> {
  if ('value' in setting) return () => Promise.resolve(setting.value);
  const paths = [setting.file];
  const files = new WatchedFiles({ paths, parse: ([text = '']) => secretIn(text), report });
  return async (isUrgent) => {
    // Before a login, which comes once in hours: IAM would refuse a password that has been replaced since.
    if (isUrgent) await files.check(true);
    return files.value();
  };
}

function bodyOf({ userName, domainName, project }: IamLogin, password: string): string {
  const user = { name: userName, password, domain: { name: domainName } };
  const identity = { methods: ['password'], password: { user } };
  return JSON.stringify({ auth: { identity, scope: { project } } });
}

/** The token in IAM's answer, if there is one that can be sent. */
function tokenIn(answered: Extract<Exchange, { kind: 'answered' }>): Fetched | undefined {
  const { httpStatus, subjectToken: token = '', date } = answered;
  if (httpStatus !== 201 && httpStatus !== 200) return undefined;
  if (!SENDABLE.test(token)) return undefined;
  const body = parseJson(answered.body ?? '');
  const about = isRecord(body) && isRecord(body['token']) ? body['token'] : {};
  const endsAt = timeOf(about['expires_at']);
  // By IAM's own clock, because the machine's may be wrong.
  const issuedAt = timeOf(about['issued_at']) ?? timeOf(date) ?? Date.now();
  const project = about['project'];
  const projectId = isRecord(project) ? project['id'] : undefined;
  return {
    kind: 'got',
    credentials: { kind: 'token', token },
    lifetimeMs: Math.max(0, endsAt === undefined ? UNKNOWN_LIFETIME_MS : endsAt - issuedAt),
    ...(typeof projectId === 'string' && /^[0-9a-z]{32}$/.test(projectId) && { projectId }),
  };
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
