import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestAnswer, readAnswer } from '../../src/modelarts/answers.js';
import { classify } from '../../src/modelarts/classify.js';
import { answered, same } from './answered.js';

const rows = readFileSync(join(__dirname, 'fixtures/modelarts-error-codes.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [status = '', code = ''] = line.split(',');
    return [Number(status), code] as const;
  });

/** Gateway codes and the statuses they come with (api-sign-errorcode; API Gateway's error codes). */
const GATEWAY: readonly (readonly [string, ...number[]])[] = [
  ['0101', 404],
  ['0103', 404, 500],
  ['0104', 400, 500],
  ['0105', 400, 500],
  ['0106', 400],
  ['0201', 400, 413, 414, 494, 500, 502, 504],
  ['0202', 502],
  ['0203', 504],
  ['0301', 401],
  ['0302', 403],
  ['0303', 401],
  ['0304', 403],
  ['0305', 401],
  ['0306', 403],
  ['0307', 401],
  ['0308', 429],
  ['0310', 403],
  ['0311', 401],
  ['0401', 403],
  ['0402', 403],
  ['0404', 403],
  ['0501', 405],
  ['0502', 405],
  ['0601', 500],
  ['0602', 400],
  ['0605', 500],
  ['0606', 500],
  ['0607', 400],
  ['0608', 500],
  ['0609', 500],
  ['0610', 502],
  ['0611', 500],
  ['0612', 500],
  ['0613', 503],
  ['0705', 500],
  ['0801', 403],
  ['0802', 403],
];
const gatewayRows = GATEWAY.flatMap(([code, ...statuses]) =>
  statuses.flatMap((status) => [
    [status, `APIGW.${code}`] as const,
    [status, `APIG.${code}`] as const,
  ]),
);

/** The rule in words, written apart from the table that it checks. */
function expectedRead(status: number, code: string): string {
  if (status === 500 && code === 'ModelArts.0109') return 'refused';
  const forNow = [408, 409, 429, 500, 502, 503, 504];
  return forNow.includes(status) ? 'again' : 'refused';
}

function expectedRequest(status: number, code: string): string {
  if (status === 429) return 'not-sent';
  if (status === 409) return code === 'ModelArts.2878' ? 'not-sent' : 'refused';
  if (status === 503) return code.endsWith('.0613') ? 'not-sent' : 'ambiguous';
  if (status === 500) return code === 'ModelArts.0109' ? 'refused' : 'ambiguous';
  return [408, 502, 504].includes(status) ? 'ambiguous' : 'refused';
}

test('there are 880 documented pairs', () => {
  expect(rows.length).toBe(880);
  expect(new Set(rows.map(String)).size).toBe(880);
});

test.each([...rows, ...gatewayRows, [200, 'ModelArts.0105'], [400, 'ModelArts.0105']] as const)(
  '%i %s is classed by status and code, for a look and for a request, with and without is_success',
  (status, code) => {
    for (const body of [
      { is_success: false, error_code: code, error_message: 'said' },
      { error_code: code, error_msg: 'said' },
    ]) {
      const error = { code, message: 'said', httpStatus: status };
      expect(readAnswer(answered(status, body), () => 'usable', same)).toEqual({
        kind: expectedRead(status, code),
        error,
      });
      expect(requestAnswer(answered(status, body), same)).toEqual({
        kind: expectedRequest(status, code),
        error,
      });
    }
  },
);

test.each([
  [300, 'refused', 'refused'],
  [302, 'refused', 'refused'],
  [401, 'refused', 'refused'],
  [402, 'refused', 'refused'],
  [404, 'refused', 'refused'],
  [408, 'again', 'ambiguous'],
  [409, 'again', 'refused'],
  [422, 'refused', 'refused'],
  [429, 'again', 'not-sent'],
  [494, 'refused', 'refused'],
  [500, 'again', 'ambiguous'],
  [501, 'refused', 'refused'],
  [502, 'again', 'ambiguous'],
  [503, 'again', 'ambiguous'],
  [504, 'again', 'ambiguous'],
  [505, 'refused', 'refused'],
  [507, 'again', 'ambiguous'],
  [599, 'again', 'ambiguous'],
  [600, 'again', 'ambiguous'],
])('%i without a code: a look is %s, a request is %s', (status, read, request) => {
  expect(classify(status, undefined)).toMatchObject({ read, request });
  expect(classify(status, 'Unheard.0001')).toMatchObject({ read, request });
});

test.each([
  ['APIGW.0308', 'again', 'not-sent'],
  ['APIG.0308', 'again', 'not-sent'],
  ['ModelArts.4206', 'again', 'not-sent'],
  ['APIGW.0613', 'again', 'not-sent'],
  ['ModelArts.0010', 'again', 'ambiguous'],
  ['ModelArts.0104', 'refused', 'refused'],
])('%s under a 200 with is_success false: a look is %s, a request is %s', (code, read, request) => {
  expect(classify(200, code)).toMatchObject({ read, request });
});

test.each([
  [200, "This job can't be resubmit. job status: 8", 'refused', 8],
  [400, "This job can't be resubmit. Job Status:12", 'refused', 12],
  [409, 'job status: 9', 'refused', 9],
  [408, 'job status: 8', 'refused', 8],
  [429, 'job status: 8', 'refused', 8],
  [400, "This job can't be resubmit.", 'refused', undefined],
  [500, 'job status: 8', 'ambiguous', undefined],
])('0105 under %i, "%s" → %s with job status %s', (status, text, kind, jobStatus) => {
  const body = { is_success: false, error_code: 'ModelArts.0105', error_message: text };
  expect(requestAnswer(answered(status, body), same)).toEqual({
    kind,
    error: { code: 'ModelArts.0105', message: text, httpStatus: status },
    ...(jobStatus !== undefined && { jobStatus }),
  });
});

test('only 0105 tells a job status', () => {
  const body = { is_success: false, error_code: 'ModelArts.0104', error_message: 'job status: 8' };
  expect(requestAnswer(answered(400, body), same)).not.toHaveProperty('jobStatus');
});

test.each([
  [429, 'again', 'not-sent'],
  [503, 'again', 'ambiguous'],
])('%i with Retry-After keeps it where the answer allows another try', (status, read, request) => {
  const exchange = answered(status, {}, { retryAfterMs: 7_000 });
  expect(readAnswer(exchange, () => 1, same)).toMatchObject({ kind: read, retryAfterMs: 7_000 });
  const answer = requestAnswer(exchange, same);
  expect(answer.kind).toBe(request);
  expect('retryAfterMs' in answer).toBe(request === 'not-sent');
});

test("a budget in the gateway's text is no Retry-After", () => {
  const body = {
    error_code: 'APIGW.0308',
    error_msg: 'policy user over ratelimit,limit:200,time:5 minute',
  };
  expect(requestAnswer(answered(429, body), same)).not.toHaveProperty('retryAfterMs');
});
