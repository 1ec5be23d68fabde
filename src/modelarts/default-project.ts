import type { ReadAnswer, ServiceError } from '../domain/answer.js';
import { defined } from '../domain/defined.js';
import { isRecord } from '../domain/is-record.js';
import { readAnswer } from './answers.js';
import { monotonicNow } from './clock.js';
import { canonicalQuery } from './credentials.js';
import type { CredentialsProvider } from './credentials-provider.js';
import type { CredentialsReport } from './credentials-source.js';
import { exchange } from './exchange.js';
import { createFreshLane } from './lane.js';
import type { Scrub } from './scrub.js';

/** Where to look a project up by its name. */
export interface ProjectLookUp {
  /** IAM's origin. */
  authUrl: string;
  name: string;
}

/**
 * The project of jobs whose input names none, as the credentials or IAM tell it.
 *
 * - `later`: IAM can't be asked now.
 * - `none`: there is none to ask for, or IAM has refused; then `error` says why.
 */
export type DefaultProject =
  | { kind: 'known'; projectId: string }
  | { kind: 'later'; error: ServiceError; retryAfterMs?: number }
  | { kind: 'none'; error?: ServiceError };

const MAX_BODY_BYTES = 1024 * 1024;

/** How long a refusal counts. Every restart without a project asks. */
const REFUSED_FOR_MS = 5 * 60_000;

/** Makes the function that finds the default project. What IAM has told once is remembered. */
export function projectFinder(options: {
  lookUp: ProjectLookUp | undefined;
  credentials: CredentialsProvider;
  timeoutMs: number;
  scrub: Scrub;
  report: CredentialsReport;
}): () => Promise<DefaultProject> {
  const { lookUp, credentials, timeoutMs, scrub, report } = options;
  let found: string | undefined;
  let refused: { untilMs: number; error: ServiceError; byCredentials: boolean } | undefined;
  let asking: Promise<DefaultProject> | undefined;

  async function find(): Promise<DefaultProject> {
    const told = credentials.projectId() ?? found;
    if (told !== undefined) return { kind: 'known', projectId: told };
    if (refused !== undefined && monotonicNow() < refused.untilMs && (await isRefusedStill())) {
      return { kind: 'none', error: refused.error };
    }
    return (asking ??= ask().finally(() => (asking = undefined)));
  }

  /** A refusal of credentials counts no more once others are there. */
  async function isRefusedStill(): Promise<boolean> {
    if (refused?.byCredentials !== true) return true;
    const { state } = await credentials.prepare(AbortSignal.timeout(timeoutMs));
    return state === 'refused';
  }

  async function ask(): Promise<DefaultProject> {
    if (lookUp === undefined) return askCredentials();
    const answer = await askIam(lookUp);
    if (answer.kind === 'read') {
      found = answer.value;
      return { kind: 'known', projectId: found };
    }
    const { error } = answer;
    if (answer.kind === 'again') return { ...answer, kind: 'later' };
    const byCredentials = credentials.state().state === 'refused';
    refused = { untilMs: monotonicNow() + REFUSED_FOR_MS, error, byCredentials };
    report('warn', 'IAM does not tell the default project', { name: lookUp.name, ...error });
    return { kind: 'none', error };
  }

  /** A login's token names its project. */
  async function askCredentials(): Promise<DefaultProject> {
    if (!credentials.tellsProject) return { kind: 'none' };
    const { state, lastError } = await credentials.prepare(AbortSignal.timeout(timeoutMs));
    const projectId = credentials.projectId();
    if (projectId !== undefined) return { kind: 'known', projectId };
    if (state === 'missing' && lastError !== undefined) return { kind: 'later', error: lastError };
    return { kind: 'none', ...(state === 'refused' && defined({ error: lastError })) };
  }

  async function askIam({ authUrl, name }: ProjectLookUp): Promise<ReadAnswer<string>> {
    const url = new URL(`/v3/projects?${canonicalQuery([['name', name]])}`, authUrl);
    const signal = AbortSignal.timeout(timeoutMs);
    const lease = await credentials.headers({ method: 'GET', url, projectId: '' }, signal);
    if (lease.kind === 'later') return { ...lease, kind: 'again' };
    if (lease.kind === 'refused') return lease;
    const lane = createFreshLane(1);
    const exchanged = await exchange(lane, {
      method: 'GET',
      url,
      headers: () => ({ 'content-type': 'application/json', ...lease.headers }),
      maxBodyBytes: MAX_BODY_BYTES,
      timeoutMs,
      startBy: Date.now() + timeoutMs,
    });
    const answer = readAnswer(exchanged, projectsIn(name), scrub);
    const date = exchanged.kind === 'answered' ? exchanged.date : undefined;
    const renewed = await lease.settle(answer, date);
    if (renewed !== undefined) return { kind: 'again', ...renewed };
    if (answer.kind !== 'read') return answer;
    const [id, ...others] = answer.value;
    if (id !== undefined && others.length === 0) return { kind: 'read', value: id };
    const many = id === undefined ? 'no project' : 'several projects';
    return { kind: 'refused', error: { message: `IAM knows ${many} of this name` } };
  }

  return find;
}

/** The ids of the projects that have the name; `undefined` if the body is no list of projects. */
function projectsIn(name: string): (body: unknown) => string[] | undefined {
  return (body) => {
    const projects: unknown = isRecord(body) ? body['projects'] : undefined;
    if (!Array.isArray(projects)) return undefined;
    const ids = projects
      .filter((project) => isRecord(project) && (project['name'] ?? name) === name)
      .map((project: Record<string, unknown>) => project['id']);
    const isId = (id: unknown): id is string => typeof id === 'string' && /^[0-9a-z]{32}$/.test(id);
    return ids.every(isId) ? ids : undefined;
  };
}
