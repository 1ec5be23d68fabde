import fc from 'fast-check';
import { partsOf, type Credentials } from '../../src/modelarts/credentials.js';
import { CASES, ESCAPES, SPLITS, TWICE } from './disguises.js';
import { AK_SK, TOKEN } from './scripted-client.js';

/** An answer as it may come over the wire, and the credentials that were sent. */
export interface WireAnswer {
  credentials: Credentials;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Stands in a body where a credential is echoed; put in last, so that its escapes stay as written. */
const ECHO = '@@echo@@';

const credentials: fc.Arbitrary<Credentials> = fc.oneof(
  fc.constantFrom<Credentials>(AK_SK, TOKEN),
  // Everything that a header can hold; letters, so that no secret is part of a usual word.
  fc
    .tuple(fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map(charOf), maxLength: 40 }))
    .map(([rest]) => ({ kind: 'token' as const, token: `qXzJ7wVk${rest}` })),
);

const disguise = fc.constantFrom(
  (text: string) => text,
  ...Object.values({ ...ESCAPES, ...SPLITS, ...CASES, ...TWICE }),
);

const codes = fc.oneof(
  fc.constantFrom('ModelArts.0104', 'ModelArts.0105', 'ModelArts.0010', 'ModelArts.2799'),
  fc.constantFrom('APIGW.0308', 'APIG.0613', 'APIGW.0301', 'XXX.0001', 'CBC.0000', 'OK', ECHO),
  fc.constantFrom<unknown>('0', 0, '000000', 401, -1, '', ' ', null, false, true, {}, [], ['x']),
);

const texts = fc.oneof(
  fc.constantFrom<unknown>('Parameter error.', 'job status: 8', '', ' ', null, 0, {}, ['x']),
  fc.constant(`bad token ${ECHO}, sorry`),
  fc.string({ unit: 'binary' }),
);

const claims = fc.constantFrom<unknown>(
  true,
  false,
  null,
  'true',
  'false',
  'True',
  1,
  0,
  '',
  {},
  [],
);

const error = fc.oneof(
  codes,
  texts,
  fc.record({ code: codes, message: texts, title: texts }, { requiredKeys: [] }),
);

/** The documented shapes, each key there or not, with what nobody documented mixed in. */
const shaped = fc.record(
  {
    is_success: claims,
    error_code: codes,
    errorCode: codes,
    code: codes,
    error,
    error_message: texts,
    error_msg: texts,
    errorMessage: texts,
    message: texts,
    status: fc.constantFrom<unknown>(8, '8', 12, 99, -1, null, 'x', {}),
    job_id: fc.constantFrom<unknown>(197, '197', 198, null, {}),
    service_url: fc.constantFrom<unknown>('', `https://x.example/?t=${ECHO}`, 7),
    jobs: fc.array(fc.record({ job_id: fc.nat(), status: fc.nat(21), job_name: texts })),
    result: fc.record({ is_success: claims, error_code: codes }, { requiredKeys: [] }),
    [ECHO]: fc.constant(ECHO),
  },
  { requiredKeys: [] },
);

/** Close to an accepted request, or to a refused one, so that small differences count. */
const nearly = fc.tuple(claims, shaped).chain(([claim, other]) =>
  fc.subarray(Object.entries(other), { maxLength: 2 }).map((few) => ({
    is_success: claim,
    ...Object.fromEntries(few.filter(([key]) => key !== 'is_success')),
  })),
);

const json = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: nearly },
      { weight: 4, arbitrary: shaped },
      { weight: 1, arbitrary: fc.jsonValue() },
      { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 500 }), shaped) },
    ),
    fc.constantFrom(undefined, 1, '\t'),
  )
  .map(([value, space]) => JSON.stringify(value, null, space));

type Mutation = (text: string, at: number, garbage: string) => string;
const whole: Mutation = (text) => text;
const MUTATIONS: readonly Mutation[] = [
  whole,
  whole,
  whole,
  whole,
  (text, at) => text.slice(0, at % (text.length + 1)),
  (text, at, garbage) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + garbage + text.slice(place);
  },
  (text) => text + text,
  (text) => `[${text}]`,
  (text) => `\ufeff${text}`,
  (text, at) => '['.repeat(at) + text + ']'.repeat(at),
  (text) => `<html><script>${text}</script><h1>502</h1>${text} ${ECHO}</html>`,
  (text) => text.replace('"is_success"', '"is_success":true,"is_success"'),
  (_text, _at, garbage) => garbage,
  (_text, _at, garbage) => `${garbage}${ECHO}`,
  (text) => text.replaceAll('"', '\\"'),
];

const body = fc
  .tuple(json, fc.constantFrom(...MUTATIONS), fc.nat(900), fc.string({ unit: 'binary' }))
  .map(([text, mutate, at, garbage]) => mutate(text, at, garbage));

const status = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(200, 200, 200, 201, 202, 204, 206) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(302, 400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504),
  },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 999 }) },
);

const headers = fc.record(
  {
    'retry-after': fc.oneof(
      fc.constantFrom('7', '0', '-1', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT', '', '99999999999999'),
      fc.string(),
    ),
    date: fc.oneof(fc.constantFrom('Wed, 21 Oct 2026 07:27:00 GMT', 'x'), fc.string()),
    'x-request-id': fc.constantFrom('0123-abc', ECHO, '<b>', ''),
  },
  { requiredKeys: [] },
);

export const wireAnswer: fc.Arbitrary<WireAnswer> = fc
  .tuple(credentials, fc.nat(2), disguise, status, headers, body)
  .map(([sent, which, write, httpStatus, sentHeaders, text]) => {
    const secrets = partsOf(sent);
    const echo = write(secrets[which % secrets.length] ?? '');
    const echoed = Object.entries(sentHeaders).map(([key, value]) => [
      key,
      value.replaceAll(ECHO, () => echo),
    ]);
    return {
      credentials: sent,
      status: httpStatus,
      headers: Object.fromEntries(echoed) as Record<string, string>,
      body: text.replaceAll(ECHO, () => echo),
    };
  });

function charOf(code: number): string {
  return String.fromCharCode(code);
}
