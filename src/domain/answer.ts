import { groupOf, type Status, statusOf } from './status.js';

/** An error of ModelArts, of its gateway or of the network. Never contains a header, because headers hold credentials. */
export interface ServiceError {
  /** Verbatim, such as `ModelArts.0105` or `APIGW.0308`; absent if the answer gave none. */
  code?: string;
  /** The service's own text, cleaned and cut, or the network's error. */
  message: string;
  httpStatus?: number;
  /** Huawei's support asks for this id. */
  requestId?: string;
}

/** One look at a job: what ModelArts showed, and when. */
export interface Reading {
  status: Status;
  /** When the look's request was started, in milliseconds since the epoch, by the worker's clock. */
  lookedAt: number;
  /** The URL at which the job is served; absent if ModelArts shows none. */
  serviceUrl?: string;
}

/**
 * The answer to a read.
 *
 * - `read`: usable.
 * - `refused`: final; asking again would change nothing (except that a 404 may pass).
 * - `again`: transient; look again, not sooner than `retryAfterMs` if given.
 */
export type ReadAnswer<T> =
  | { kind: 'read'; value: T }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'again'; error: ServiceError; retryAfterMs?: number };

/**
 * The result of a look, or of a wait for a change.
 *
 * - `read`: a reading. A wait may also end with the known status: at its deadline, or by
 *   `unchangedAtMs` or `untilRead`.
 * - `refused`: the look was refused for good.
 * - `no-reading`: the time was up and the last look gave no usable answer.
 */
export type LookResult =
  | { kind: 'read'; reading: Reading }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'no-reading'; error: ServiceError };

/**
 * The answer to a request that changes the job (restart, stop).
 *
 * - `accepted`: ModelArts took it.
 * - `refused`: ModelArts or its gateway refused it; `jobStatus` is the number in
 *   `… job status: N` of a ModelArts.0105.
 * - `ambiguous`: the request may have been carried out; only a look at the job can tell.
 * - `not-sent`: nothing was done; ask again, not sooner than `retryAfterMs` if given. With `turnAtMs`
 *   (milliseconds since the epoch, by the worker's clock) that instant is kept for this request.
 */
export type RequestAnswer =
  | { kind: 'accepted' }
  | { kind: 'refused'; error: ServiceError; jobStatus?: number }
  | { kind: 'ambiguous'; error: ServiceError }
  | { kind: 'not-sent'; error: ServiceError; retryAfterMs?: number; turnAtMs?: number };

/** ModelArts refuses a request that does not fit the job's status with this code. Its error tables lack the code. */
export const WRONG_STATUS_CODE = 'ModelArts.0105';

/** What to do about the codes that people meet. Source: ModelArts API reference, pages modelarts_03_0095 and api-sign-errorcode. */
const ADVICE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'ModelArts.0015': 'No such job: check the job id, the project id and the region.',
    'ModelArts.0104': 'ModelArts rejects a parameter: check the job id and the project id.',
    'ModelArts.0108':
      'The credentials may not do this: grant the user ModelArts rights on the job’s workspace.',
    'ModelArts.0109': 'The account is not authorised: grant ModelArts its agency in the console.',
    'ModelArts.0112': 'The workspace’s policy forbids it: ask the workspace’s owner.',
    'ModelArts.0201': 'No token reached ModelArts: check the worker’s credentials.',
    'ModelArts.0202':
      'The token has expired: give the worker a new HW_AUTH_TOKEN, or an access key.',
    'ModelArts.0206':
      'The access key or its secret is wrong: check HW_ACCESS_KEY and HW_SECRET_KEY.',
    'ModelArts.0210':
      'The project differs from that of the credentials: check projectId and HW_PROJECT_ID.',
    'APIGW.0101': 'No such API there: check HW_REGION_NAME or MODELARTS_ENDPOINT.',
    'APIGW.0301':
      'The gateway does not take the credentials: check key, secret and the worker’s clock; after more than five failures in a row the key is locked for 5 minutes.',
    'APIGW.0302': 'The IAM user may not use the API: grant it ModelArts rights.',
    'APIGW.0303':
      'The signature has expired or is wrong: check the worker’s clock and its secret key.',
    'APIGW.0307':
      'The token must be renewed, or is for another region: give the worker a new HW_AUTH_TOKEN.',
    'APIGW.0310': 'The project is not available: check HW_PROJECT_ID and HW_REGION_NAME.',
  }),
);

const ADVICE_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'The request does not fit: check the job id and the project id.',
  401: 'The credentials were not taken: check them, and the worker’s clock.',
  403: 'The credentials may not do this: check their rights on the project and the job.',
  404: 'Nothing is there: check the job id, the project id and the region.',
};

/** Refusals of the credentials themselves. */
const CREDENTIALS_REFUSED: ReadonlySet<string> = new Set([
  'ModelArts.0201',
  'ModelArts.0202',
  'ModelArts.0206',
  'APIGW.0301',
  'APIGW.0303',
  'APIGW.0307',
]);

/** Refusals of rights that the credentials lack. */
const RIGHTS_REFUSED: ReadonlySet<string> = new Set([
  'ModelArts.0108',
  'ModelArts.0109',
  'ModelArts.0112',
  'ModelArts.0210',
  'APIGW.0302',
  'APIGW.0310',
]);

/** Whether an error means that the credentials, or their rights, were refused, so that every call may fail alike. */
export function denialOf({ code, httpStatus }: ServiceError): 'credentials' | 'rights' | undefined {
  const family = familyOf(code);
  if (family !== undefined && CREDENTIALS_REFUSED.has(family)) return 'credentials';
  if (family !== undefined && RIGHTS_REFUSED.has(family)) return 'rights';
  return httpStatus === 401 ? 'credentials' : httpStatus === 403 ? 'rights' : undefined;
}

/** The code as a label of metrics: one of the codes that people meet, else `other`; `none` without a code. */
export function codeForMetrics(error: ServiceError | undefined): string {
  const family = familyOf(error?.code);
  if (family === undefined) return 'none';
  return family === WRONG_STATUS_CODE || ADVICE.has(family) ? family : 'other';
}

/** The gateway writes the prefix of the same codes in two ways. */
function familyOf(code: string | undefined): string | undefined {
  return code?.replace(/^APIG\./, 'APIGW.');
}

/** The failure type of a refusal: the code verbatim, or `HTTP<status>` if the answer had none. */
export function codeOf(error: ServiceError): string {
  return error.code ?? (error.httpStatus === undefined ? 'Refused' : `HTTP${error.httpStatus}`);
}

/** Says in a sentence or two what a refusal means and what to do about it. */
export function adviceFor(error: ServiceError): string {
  if (error.code === WRONG_STATUS_CODE) return adviceForStatus(statusInText(error.message));
  const known = ADVICE.get(familyOf(error.code) ?? '');
  if (known !== undefined) return known;
  const { httpStatus } = error;
  if (httpStatus !== undefined && httpStatus >= 300 && httpStatus < 400) {
    return 'Redirects are not followed: check MODELARTS_ENDPOINT.';
  }
  const byStatus = httpStatus === undefined ? undefined : ADVICE_BY_STATUS[httpStatus];
  return byStatus ?? 'It would refuse again: look the code up in the ModelArts API reference.';
}

/** Reads the status number from `… job status: N`, the end of a ModelArts.0105's text. */
export function statusInText(text: string): number | undefined {
  const digits = /job status:\s*(\d{1,9})/i.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function adviceForStatus(code: number | undefined): string {
  if (code === undefined) return 'The job’s status does not allow it: look at the job first.';
  const { name } = statusOf(code);
  switch (groupOf(code)) {
    case 'up':
    case 'starting':
      return `The job is ${name}: it needs no restart. ifRunning "attach" waits for it, "stop" stops it first.`;
    case 'going-down':
      return `The job is ${name}: restart it once it is down.`;
    default:
      return `The job is ${name}, which ModelArts does not restart now: look at it in the console.`;
  }
}

/** `<code>: <message>`; the message alone if there is no code. */
export function withCode(error: ServiceError, code = error.code): string {
  return code === undefined ? error.message : `${code}: ${error.message}`;
}
