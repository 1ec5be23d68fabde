import { readSettings, type Settings } from '../config.js';
import { formatDuration } from '../domain/duration.js';
import { adviceFor } from '../domain/answer.js';
import { SettingsError } from '../environment.js';
import { createModelArtsClient, type ModelArtsClient } from '../modelarts/client.js';
import { inWords } from '../modelarts/rate-limit.js';
import { type Finding, note, obstacle, ok } from './output.js';
import { readTwice, whyOf } from './read-jobs.js';

/** ModelArts' gateway refuses a signature whose time is off by 15 minutes (api-sign-algorithm). */
const REFUSED_SKEW_MS = 15 * 60_000;

/** A worker signs by the gateway's clock where its own is off by no more than this. */
const HEALED_SKEW_MS = 6 * 60 * 60_000;

/** A worker whose clock is 10 s ahead of Temporal's sends nothing: see Clocks in docs/operations.md. */
const LATE_MS = 8_000;
const WORTH_A_NOTE_MS = 5 * 60_000;

const ANSWER_WITHIN_MS = 10_000;

/**
 * Checks ModelArts with this environment's settings. Missing settings are no obstacle, because a
 * worker elsewhere has settings of its own.
 */
export async function checkModelArts(
  environment: NodeJS.ProcessEnv,
  projectId: string | undefined,
): Promise<Finding[]> {
  let settings: Settings;
  try {
    settings = readSettings(environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [settingsFinding(error.problems, environment)];
  }
  const found = ok('settings', `endpoint ${settings.endpoint}, ${settings.credentialsFrom}`);
  const { endpoint, clock } = await checkEndpoint(settings);
  if (endpoint.result === 'obstacle') return [found, endpoint];
  const credentials = await checkCredentials(settings, projectId);
  return [found, endpoint, clock, credentials, rateLimit(settings)];
}

function rateLimit({ rateLimits }: Settings): Finding {
  const told =
    rateLimits.length > 0
      ? `${inWords(rateLimits)} (MODELARTS_RATE_LIMIT)`
      : 'none is set: the worker learns it when the gateway first refuses a call';
  return ok('rate limit', told);
}

function settingsFinding(problems: readonly string[], environment: NodeJS.ProcessEnv): Finding {
  const message = `not complete here: ${problems.join('; ')}`;
  const isSet = Object.entries(environment).some(
    ([name, value]) =>
      value && /^(HW_|HUAWEICLOUD_SDK_|MODELARTS_)(?!PROJECT_(?:ID|NAME)$)/.test(name),
  );
  const elsewhere =
    'to check ModelArts from here too, set HW_REGION_NAME or MODELARTS_ENDPOINT, and HW_ACCESS_KEY and HW_SECRET_KEY, or HW_AUTH_TOKEN; a worker elsewhere has its own';
  return isSet
    ? obstacle('settings', message, 'correct the named variables; a worker would not start')
    : note('settings', 'none for ModelArts here', elsewhere);
}

/** Any answer shows that the endpoint can be reached. Its `Date` shows how far the clocks differ. */
async function checkEndpoint({
  endpoint,
}: Settings): Promise<{ endpoint: Finding; clock: Finding }> {
  const startedAt = Date.now();
  try {
    // Sends no credentials, so that the gateway counts nothing against a key.
    const response = await fetch(endpoint, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await response.body?.cancel();
    const tookMs = Date.now() - startedAt;
    const found = ok('endpoint', `${endpoint} answers in ${tookMs} ms`);
    return { endpoint: found, clock: clockFinding(response.headers.get('date'), tookMs) };
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    const message = `${endpoint} does not answer (${cause?.code ?? (error as Error).message})`;
    const todo = 'check HW_REGION_NAME or MODELARTS_ENDPOINT, and the network';
    return { endpoint: obstacle('endpoint', message, todo), clock: note('clock', 'unknown', todo) };
  }
}

function clockFinding(date: string | null, tookMs: number): Finding {
  const check = 'clock';
  const theirs = Date.parse(date ?? '');
  const synchronise = 'synchronise this machine’s clock (NTP)';
  if (Number.isNaN(theirs)) {
    return note(check, 'the endpoint does not say its time', synchronise);
  }
  // The header has whole seconds, and was written at some moment of the exchange.
  const skewMs = Date.now() - tookMs / 2 - (theirs + 500);
  const off = Math.abs(skewMs);
  const way = skewMs > 0 ? 'fast' : 'slow';
  if (off < 2_000) return ok(check, 'agrees with ModelArts’');
  const message = `is ${formatDuration(off)} ${way}, by ModelArts’ clock`;
  if (skewMs > REFUSED_SKEW_MS || off > HEALED_SKEW_MS) {
    return obstacle(check, `${message}: a worker here can’t send a request`, synchronise);
  }
  if (skewMs > LATE_MS) {
    const late = 'a worker here may find each request too late to send';
    return note(check, `${message}: ${late}`, synchronise);
  }
  return off > WORTH_A_NOTE_MS ? note(check, message, synchronise) : ok(check, message);
}

/** Whether ModelArts lets us read a job. It may say 404, since job 1 hardly exists. */
async function mayReadAJob(modelarts: ModelArtsClient, projectId: string): Promise<boolean> {
  const answer = await readTwice(() => modelarts.detail({ projectId, jobId: '1' }));
  return answer.kind === 'read' || (answer.kind === 'refused' && answer.error.httpStatus === 404);
}

/** Whether there are credentials, if no project is known to try them on. */
async function withoutProject({ credentials }: ModelArtsClient): Promise<Finding> {
  const check = 'credentials';
  const { state, lastError } = await credentials.prepare(AbortSignal.timeout(ANSWER_WITHIN_MS));
  if (state === 'refused' && lastError !== undefined) {
    return obstacle(check, lastError.message, adviceFor(lastError));
  }
  const untried = note(check, 'not tried: no project', 'give --project, or set HW_PROJECT_ID');
  return withoutCredentials({ credentials }) ?? untried;
}

/** The obstacle that there are no credentials, because IAM or the metadata service does not give any. */
function withoutCredentials({
  credentials,
}: Pick<ModelArtsClient, 'credentials'>): Finding | undefined {
  const { state, lastError } = credentials.state();
  if (state !== 'missing') return undefined;
  const todo =
    'restarts wait until there are some: check the settings of the credentials, and the network to what gives them';
  return obstacle('credentials', lastError?.message ?? 'there are none', todo);
}

/** Reads a page of the list with one job, which changes nothing. */
async function checkCredentials(settings: Settings, given = settings.projectId): Promise<Finding> {
  const check = 'credentials';
  const modelarts = createModelArtsClient(settings);
  try {
    const found = given === undefined ? await modelarts.defaultProject() : undefined;
    if (found?.kind === 'later') {
      const { message } = found.error;
      return withoutCredentials(modelarts) ?? note(check, message, 'try again in a moment');
    }
    const projectId = found?.kind === 'known' ? found.projectId : given;
    if (projectId === undefined) return await withoutProject(modelarts);
    const answer = await readTwice(() => modelarts.list(projectId, { perPage: 1 }));
    if (answer.kind === 'read') {
      const { expiresAtMs } = modelarts.credentials.state();
      const until =
        expiresAtMs === undefined ? '' : `, until ${new Date(expiresAtMs).toISOString()}`;
      const may = `may read ${answer.value.total} jobs`;
      return ok(check, `${settings.credentialsFrom}: ${may}${until}`);
    }
    const { error } = answer;
    const message = whyOf(error);
    if (answer.kind === 'refused') {
      if (error.httpStatus !== 403 || !(await mayReadAJob(modelarts, projectId))) {
        return obstacle(check, message, adviceFor(error));
      }
      const todo = 'grant the right to list jobs where many restarts wait at once';
      return note(check, `may read jobs one by one, but not list them (${message})`, todo);
    }
    return (
      withoutCredentials(modelarts) ??
      note(check, `${message}; ModelArts may be busy`, 'try again in a moment')
    );
  } finally {
    await modelarts.close();
  }
}
