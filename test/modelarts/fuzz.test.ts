import fc from 'fast-check';
import { readAnswer, requestAnswer } from '../../src/modelarts/answers.js';
import { partsOf } from '../../src/modelarts/credentials.js';
import { readDetail, readListPage } from '../../src/modelarts/job-body.js';
import { retryAfterMs } from '../../src/modelarts/exchange.js';
import { answered, scrubOf } from './answered.js';
import { wireAnswer, type WireAnswer } from './arbitrary-answers.js';
import { isLegible } from './disguises.js';
import { clientOf, closeAll, JOB, onClose, PROJECT } from './scripted-client.js';
import { serve, type Script } from './scripted-server.js';

afterEach(closeAll);

/** `npm run fuzz` sets these; a failure prints the seed and the path that lead to it again. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000);
const SEED = process.env['FUZZ_SEED'];
const PATH = process.env['FUZZ_PATH'];
const seeded = SEED === undefined ? {} : { seed: Number(SEED) };
/** An exchange costs ten times as much. */
const HTTP_RUNS = Math.min(RUNS, 100);

function answersTo({ credentials, status, headers, body }: WireAnswer) {
  const scrub = scrubOf(credentials);
  const exchange = answered(status, body, {
    requestId: headers['x-request-id'],
    retryAfterMs: retryAfterMs(headers['retry-after'] ?? null, headers['date'] ?? null, Date.now()),
  });
  return {
    request: requestAnswer(exchange, scrub),
    detail: readAnswer(
      exchange,
      (parsed, lookedAt) => readDetail(parsed, '197', { lookedAt, scrub }),
      scrub,
    ),
    list: readAnswer(
      exchange,
      (parsed, lookedAt) => readListPage(parsed, { page: 1, perPage: 10 }, { lookedAt, scrub }),
      scrub,
    ),
  };
}

type Answers = ReturnType<typeof answersTo>;

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const isBlank = (value: unknown) =>
  value === null || value === undefined || (typeof value === 'string' && value.trim() === '');

/** Taken: a 2xx says so in a boolean, and nothing anywhere in the body speaks of an error. */
function isClearlyTaken({ status, body }: WireAnswer): boolean {
  if (status < 200 || status > 299 || parsed(body)?.['is_success'] !== true) return false;
  let clear = true;
  JSON.parse(body, (key, value: unknown) => {
    const name = key.toLowerCase().replace('_', '');
    if (name.startsWith('err') && !isBlank(value)) clear = false;
    if (['issuccess', 'success'].includes(name) && value !== true) clear = false;
    return value;
  });
  return clear;
}

/** Refused: the status is none of success, or a 2xx says so in a boolean or in an error's shape. */
function isClearlyRefused({ status, body }: WireAnswer): boolean {
  const said = parsed(body);
  const claim = said?.['is_success'] ?? undefined;
  if (status < 200 || status > 299) return claim === undefined || claim === false;
  if (said === undefined) return false;
  const saysNoError = [said['error_code'], said['errorCode'], said['error']].some(
    (value) => value === 0 || value === false || /^([a-z]+\.)?0+$/i.test(String(value)),
  );
  const hasCode = [said['error_code'], said['errorCode']].some(
    (code) => typeof code === 'string' && /^[a-z].*\d/i.test(code),
  );
  const error = said['error'];
  const hasError = typeof error === 'object' && error !== null && Object.keys(error).length > 0;
  if (claim === false) return hasCode || hasError || !saysNoError;
  return claim === undefined && !saysNoError && (hasCode || hasError);
}

/** Usable: a 2xx with a status, which neither says that it failed nor names an error. */
function mayBeRead({ status, body }: WireAnswer): boolean {
  const said = parsed(body);
  if (status < 200 || status > 299 || said === undefined) return false;
  const isError = [said['error_code'], said['errorCode']].some(
    (code) => typeof code === 'string' && /^[a-z]+\.0*[1-9]/i.test(code),
  );
  return !isError && said['is_success'] !== false && /^\d+$/.test(String(said['status']));
}

/** What must hold of the answers to one body; the name of what does not is in the failure. */
const CLAIMS: Readonly<Record<string, (wire: WireAnswer, answers: Answers) => boolean>> = {
  'a request is accepted where the body is clear, and only there': (wire, { request }) =>
    (request.kind === 'accepted') === isClearlyTaken(wire),
  'a request is refused only where the answer is clear': (wire, { request }) =>
    request.kind !== 'refused' || isClearlyRefused(wire),
  'a look is read only where it names no error': (wire, { detail }) =>
    detail.kind !== 'read' || mayBeRead(wire),
  'no credential can be read in an answer': ({ credentials }, answers) =>
    Object.values(answers).every((answer) =>
      partsOf(credentials).every((secret) => !isLegible(secret, JSON.stringify(answer))),
    ),
  'an error has a message, of 300 characters at most': (_wire, answers) =>
    Object.values(answers).every((answer) => {
      const message = 'error' in answer ? answer.error.message : 'none';
      return message.trim() !== '' && [...message].length <= 300;
    }),
};

/** Throws where a claim does not hold, and says which. */
function check(wire: WireAnswer, answers: Answers): void {
  const broken = Object.entries(CLAIMS).filter(([, holds]) => !holds(wire, answers));
  if (broken.length === 0) return;
  throw new Error(`${broken.map(([claim]) => claim).join(', ')}: ${JSON.stringify(answers)}`);
}

test(
  `${RUNS} arbitrary answers make nothing throw, let no unclear one decide and show no credential`,
  () => {
    const property = fc.property(wireAnswer, (wire) => check(wire, answersTo(wire)));
    fc.assert(property, { numRuns: RUNS, ...seeded, ...(PATH !== undefined && { path: PATH }) });
  },
  60_000 + RUNS * 10,
);

test('the same holds of the client, over HTTP', async () => {
  let answer: Script = () => undefined;
  let unsent = 0;
  const server = await serve((...seen) => answer(...seen));
  onClose(() => server.close());
  // A final answer, and headers that HTTP can carry.
  const sendable = wireAnswer.filter(({ status, headers }) => {
    return status >= 200 && Object.values(headers).every((value) => /^[\x20-\x7e]*$/.test(value));
  });
  const property = fc.asyncProperty(sendable, async (wire) => {
    const { credentials, status, headers, body } = wire;
    answer = (_seen, response) => response.writeHead(status, headers).end(body);
    const client = clientOf(server.endpoint, { credentials });
    const [request, detail, list] = await Promise.all([
      client.restart(JOB),
      client.detail(JOB),
      client.list(PROJECT, {}),
    ]);
    await client.close();
    // The first answer may refuse the key, or ask for a pause. Then later calls are held back.
    unsent += [request, detail, list].filter(
      (one) => 'error' in one && one.error.message.startsWith('not sent: '),
    ).length;
    // These two come without a body; the others as bytes.
    const bytes = Buffer.from(status === 204 || status === 304 ? '' : body);
    check({ ...wire, body: new TextDecoder().decode(bytes) }, { request, detail, list });
  });
  await fc.assert(property, { numRuns: HTTP_RUNS, ...seeded });
  expect(server.seen.length).toBe(3 * HTTP_RUNS - unsent);
});
