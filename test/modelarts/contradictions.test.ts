import { readAnswer, requestAnswer } from '../../src/modelarts/answers.js';
import { readDetail } from '../../src/modelarts/job-body.js';
import { answered, same } from './answered.js';

const requested = (httpStatus: number, body: unknown) =>
  requestAnswer(answered(httpStatus, body), same).kind;

const looked = (httpStatus: number, body: unknown) =>
  readAnswer(
    answered(httpStatus, body),
    (parsed, lookedAt) => readDetail(parsed, '197', { lookedAt, scrub: same }),
    same,
  ).kind;

const REAL = { error_code: 'ModelArts.0104', error_message: 'Parameter error.' };

describe('a restart that is answered by a 2xx', () => {
  test.each([
    { is_success: true },
    { is_success: true, job_id: 197, message: 'ok', code: 200 },
    { is_success: true, error_code: null, error_message: '', error: null },
    { is_success: true, error_code: ' ', error_msg: null, error: '' },
  ])('is accepted by %j', (body) => {
    expect([requested(200, body), requested(202, body)]).toEqual(['accepted', 'accepted']);
  });

  test.each([
    { is_success: false },
    { is_success: false, error_code: null, error: null },
    { is_success: false, ...REAL },
    { is_success: false, error_code: 500 },
    { is_success: false, error: 'no' },
    { is_success: false, error: {}, ...REAL },
    REAL,
    { is_success: null, ...REAL },
    { error: { code: 401, message: 'no' } },
    { error: { code: 'XXX.0001' } },
    { error: { message: 'no' } },
    { error: { code: 'XXX.0001', message: 'no' }, error_code: 'XXX.0001', error_msg: 'no' },
  ])('is refused by %j', (body) => {
    expect(requested(200, body)).toBe('refused');
  });

  test.each([
    // Taken, and something about an error.
    ...[0, '0', '000000', 'CBC.0000', false, {}, [], 500, 'OK', true, 'ModelArts.0104'].flatMap(
      (value) => [
        { is_success: true, error_code: value },
        { is_success: true, errorCode: value },
        { is_success: true, error: value },
      ],
    ),
    { is_success: true, ...REAL },
    { is_success: true, error_message: "This job can't be resubmit. job status: 8" },
    { is_success: true, errors: ['no'] },
    { is_success: true, error: { code: 'XXX.0001', message: 'no' } },
    { is_success: true, result: REAL },
    { is_success: true, result: { results: [{ is_success: false }] } },
    { is_success: true, success: false },
    // Refused, and no error.
    { is_success: false, error_code: '0' },
    { is_success: false, error_code: 0 },
    { is_success: false, error: {} },
    { is_success: false, error_code: '0', error: 'no' },
    // Neither, or in words that nobody documented.
    {},
    { is_success: null },
    { is_success: 'true' },
    { is_success: 'True', error_code: '' },
    { is_success: 'false' },
    { is_success: 'false', ...REAL },
    { is_success: 1 },
    { is_success: 0 },
    { is_success: [true] },
    { is_success: {} },
    { error_code: '0' },
    { error_code: 'ModelArts.0104', errorCode: '0' },
    { error_code: 'OK' },
    { error_code: 500 },
    { error_code: {} },
    { error: {} },
    { error: [] },
    { error: 'no' },
    { error: { code: 0, message: 'ok' } },
    { error: { detail: 'no' } },
    { result: { is_success: true } },
    { result: REAL },
    [{ is_success: true }],
    [{ is_success: false, ...REAL }],
    [],
    null,
    true,
    '"is_success"',
    '{"is_success":true}{"is_success":true}',
    '{"is_success":true',
    '',
    undefined,
  ])('is ambiguous by %j', (body) => {
    expect(requested(200, body)).toBe('ambiguous');
  });
});

describe('a restart that is answered by an error status', () => {
  const statuses = [302, 400, 401, 404, 409, 429, 500, 503];

  test.each([true, 'true', 'false', 1, 0, {}, []])(
    'is ambiguous where is_success is %j, whatever else is said',
    (claim) => {
      for (const status of statuses) {
        expect([status, requested(status, { is_success: claim, ...REAL })]).toEqual([
          status,
          'ambiguous',
        ]);
      }
    },
  );

  test.each([
    { error_code: '0' },
    { is_success: false, error_code: 0 },
    { error: {} },
    [{ is_success: true }],
    { result: { is_success: true } },
    '<html>',
    '',
  ])('is what the status says where the body is %j', (body) => {
    expect(statuses.map((status) => requested(status, body))).toEqual([
      'refused',
      'refused',
      'refused',
      'refused',
      'refused',
      'not-sent',
      'ambiguous',
      'ambiguous',
    ]);
  });
});

describe('a look that is answered by a 2xx', () => {
  const job = { job_id: 197, status: 8 };

  test.each([
    {},
    { is_success: true },
    { is_success: 'true' },
    { is_success: null },
    ...[null, '', 0, '0', '000000', 'CBC.0000', false, {}, []].flatMap((value) => [
      { error_code: value },
      { errorCode: value, is_success: true },
      { error: value },
    ]),
    { error: { code: 0, message: 'success' } },
    { error_code: '0', error_message: 'success' },
    { flavor: { code: 'vm.cpu.1' }, code: 'x1', message: 'fine' },
  ])('is good with a status and %j', (more) => {
    expect(looked(200, { ...job, ...more })).toBe('read');
  });

  test.each([
    { is_success: false },
    { is_success: false, ...REAL },
    REAL,
    { error: { code: 'XXX.0001', message: 'no' } },
  ])('is refused by %j, also with a status', (more) => {
    expect(looked(200, { ...job, ...more })).toBe('refused');
  });

  test.each([
    { is_success: true, ...REAL },
    { is_success: true, error: { code: 401, message: 'no' } },
    { is_success: 'false' },
    { is_success: 0 },
    { is_success: {} },
    { is_success: false, error_code: '0' },
    { error_code: 'ModelArts.0104', errorCode: '0' },
    { error_code: 500 },
    { error: 'no' },
  ])('is taken again where a status stands beside %j', (more) => {
    expect(looked(200, { ...job, ...more })).toBe('again');
  });
});

test.each([400, 403, 404, 302])(
  'a look under %i that says it succeeded is taken again',
  (status) => {
    expect(looked(status, { is_success: true, job_id: 197, status: 8 })).toBe('again');
  },
);

test('a body that contradicts itself is shown, as far as it fits', () => {
  const answer = requestAnswer(answered(200, { is_success: true, error_code: '0' }), same);
  expect(answer).toEqual({
    kind: 'ambiguous',
    error: {
      httpStatus: 200,
      message: 'HTTP 200 with an unusable body: {"is_success":true,"error_code":"0"}',
    },
  });
});

test('a body that is nested half a million deep is judged like any other', () => {
  const nested = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
  expect(requested(200, `{"is_success":true,"x":${nested}}`)).toBe('accepted');
  expect(requested(200, nested)).toBe('ambiguous');
});
