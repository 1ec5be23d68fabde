import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAnswer, requestAnswer } from '../../src/modelarts/answers.js';
import { classify } from '../../src/modelarts/classify.js';
import { answered, same } from './answered.js';

/** The lines of a fixture, without its head; the last column may hold commas. */
function fixture(name: string, columns: number): string[][] {
  const lines = readFileSync(join(__dirname, 'fixtures', name), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return lines.map((line) => {
    const cells = line.split(',');
    return [...cells.slice(0, columns - 1), cells.slice(columns - 1).join(',')];
  });
}

/** What is expected of each pair; written apart from the rules, so that a slip in one of them shows. */
const EXPECTED = fixture('answer-classes.csv', 5).map(
  ([status = '', code = '', read = '', request = '', reason = '']) =>
    ({ status: Number(status), code, read, request, reason }) as const,
);

/** ModelArts' own (page modelarts_03_0095, and the Chinese one of 2021). */
const DOCUMENTED = fixture('modelarts-error-codes.csv', 2).map(String);

/** The gateway's (api-sign-errorcode; API Gateway's error codes), under both of its prefixes. */
const GATEWAY: Readonly<Record<number, string>> = {
  400: '0104 0105 0106 0201 0602 0607',
  401: '0301 0303 0305 0307 0311',
  403: '0302 0304 0306 0310 0401 0402 0404 0801 0802',
  404: '0101 0103',
  405: '0501 0502',
  413: '0201',
  414: '0201',
  429: '0308',
  494: '0201',
  500: '0103 0104 0105 0201 0601 0605 0606 0608 0609 0611 0612 0705',
  502: '0201 0202 0610',
  503: '0613',
  504: '0201 0203',
};

/** In no table: seen in samples, or likely enough to be prepared for. */
const UNDOCUMENTED = [
  ...[200, 400, 408, 409, 429, 500].map((status) => `${status},ModelArts.0105`),
  ...['0010', '0104', '2799', '4206', '4395', '6101'].map((code) => `200,ModelArts.${code}`),
];
const GATEWAY_UNDER_200 = '0202 0203 0301 0308 0610 0613';

const WITHOUT_A_CODE = [
  ...[
    200, 300, 302, 307, 400, 401, 402, 403, 404, 405, 406, 408, 409, 411, 413, 414, 415, 417, 422,
  ],
  ...[429, 494, 500, 501, 502, 503, 504, 505, 507, 599, 600],
];

function gatewayPairs(status: string | number, codes: string): string[] {
  const prefixes = ['APIG', 'APIGW'];
  return codes.split(' ').flatMap((code) => prefixes.map((at) => `${status},${at}.${code}`));
}

test('the table has every documented pair once, and none that is not listed here', () => {
  expect(DOCUMENTED.length).toBe(880);
  const listed = [
    ...DOCUMENTED,
    ...Object.entries(GATEWAY).flatMap(([status, codes]) => gatewayPairs(status, codes)),
    ...UNDOCUMENTED,
    ...gatewayPairs(200, GATEWAY_UNDER_200),
    ...WITHOUT_A_CODE.map((status) => `${status},`),
  ];
  const pairs = EXPECTED.map(({ status, code }) => `${status},${code}`);
  expect(pairs.sort()).toEqual(listed.sort());
  expect(new Set(pairs).size).toBe(pairs.length);
});

/** The shapes of error bodies that carry a code, each with the same text. */
function bodiesWith(code: string, status: number): unknown[] {
  const nested = { error: { code, message: 'said' } };
  return [
    { is_success: false, error_code: code, error_message: 'said' },
    { is_success: false, error_code: code, error_msg: 'said' },
    { error_code: code, error_message: 'said' },
    { error_code: code, error_msg: 'said', request_id: '0123' },
    { error_code: code, error_msg: 'said', encoded_authorization_message: null },
    nested,
    { ...nested, error_code: code, error_msg: 'said', encoded_authorization_message: 'x' },
    { errorCode: code, errorMsg: 'said' },
    { errorCode: code, errorMessage: 'said' },
    // Under a 2xx, a bare code is no error.
    ...(status >= 200 && status < 300 ? [] : [{ code, message: 'said' }]),
  ];
}

/** The shapes without one: IAM's, whose code is a number, and what is in no known shape. */
function bodiesWithout(status: number): unknown[] {
  const said = [
    { error: { code: status === 200 ? 401 : status, message: 'said', title: 'x' } },
    { is_success: false, error_message: 'said' },
  ];
  const none = [
    {},
    { x: 1 },
    'null',
    [],
    '"x"',
    'x',
    '<p>x</p>',
    '',
    '{"error_code":"ModelArts.01',
  ];
  return status >= 200 && status < 300 ? said : [...said, ...none, undefined];
}

test.each(EXPECTED)(
  '$status $code: a look is $read, a request is $request ($reason)',
  ({ status, code, read, request, reason }) => {
    const error = {
      ...(code !== '' && { code, message: 'said' }),
      httpStatus: status,
    };
    for (const body of code === '' ? bodiesWithout(status) : bodiesWith(code, status)) {
      const exchange = answered(status, body);
      const looked = readAnswer(exchange, () => 'usable', same);
      expect({ body, ...looked }).toMatchObject({ body, kind: read, error });
      const requested = requestAnswer(exchange, same);
      expect({ body, ...requested }).toMatchObject({ body, kind: request, error });
    }
    expect(classify(status, code === '' ? undefined : code)).toEqual({
      read,
      request,
      why: reason,
    });
  },
);

test('an unheard-of code means what its status means', () => {
  for (const { status, code, reason } of EXPECTED.filter((row) => row.code === '')) {
    expect([code, classify(status, 'Unheard.0001').why]).toEqual(['', reason]);
  }
});

test.each(['APIGW.0308', 'APIG.0308'])('%s is throttling under a 200 too', (code) => {
  const body = {
    error_code: code,
    error_msg: 'policy user over ratelimit,limit:200,time:5 minute',
  };
  const throttled = answered(200, body, { retryAfterMs: 7_000 });
  const error = { code, message: body.error_msg, httpStatus: 200 };
  expect(requestAnswer(throttled, same)).toEqual({ kind: 'not-sent', error, retryAfterMs: 7_000 });
  expect(readAnswer(throttled, () => 1, same)).toEqual({
    kind: 'again',
    error,
    retryAfterMs: 7_000,
  });
});
