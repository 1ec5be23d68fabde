import { adviceFor, codeOf, statusInText } from '../../src/domain/answer.js';

const wrongStatus = (status: number): { code: string; message: string } => ({
  code: 'ModelArts.0105',
  message: `This job can't be resubmit. job status: ${status}`,
});

test.each([
  [8, 'The job is RUNNING: it needs no restart.'],
  [1, 'The job is INIT: it needs no restart.'],
  [7, 'The job is WAITING: it needs no restart.'],
  [9, 'The job is KILLING: restart it once it is down.'],
  [0, 'The job is UNKNOWN, which ModelArts does not restart now'],
  [6, 'The job is DELETE_FAILED, which ModelArts does not restart now'],
  [11, 'The job is FAILED, which ModelArts does not restart now'],
  [12, 'The job is KILLED, which ModelArts does not restart now'],
  [99, 'The job is UNKNOWN_99, which ModelArts does not restart now'],
])('a 0105 for a job with status %i is explained by that status', (status, beginning) => {
  expect(adviceFor(wrongStatus(status)).startsWith(beginning)).toBe(true);
});

test.each([8, 1])('a 0105 for a job with status %i names both ways on', (status) => {
  const advice = adviceFor(wrongStatus(status));
  expect(advice).toContain('ifRunning "attach"');
  expect(advice).toContain('"stop"');
});

test('a 0105 without a status asks for a look', () => {
  const advice = adviceFor({ code: 'ModelArts.0105', message: 'This job can’t be resubmit.' });
  expect(advice).toBe('The job’s status does not allow it: look at the job first.');
});

test.each([
  ["This job can't be resubmit. job status: 8", 8],
  ['job status:12', 12],
  ['Job Status: 0.', 0],
  ['job status: 1234567890', 123_456_789],
  ['job status: RUNNING', undefined],
  ['status: 8', undefined],
  ['', undefined],
])('in %j the status is %p', (text, status) => {
  expect(statusInText(text)).toBe(status);
});

test.each([
  [{ code: 'ModelArts.0105', message: '', httpStatus: 400 }, 'ModelArts.0105'],
  [{ code: 'APIG.0308', message: '' }, 'APIG.0308'],
  [{ message: '', httpStatus: 403 }, 'HTTP403'],
  [{ message: '' }, 'Refused'],
])('the type of the refusal %j is %s', (error, type) => {
  expect(codeOf(error)).toBe(type);
});

test.each([
  ['ModelArts.0015', 'No such job: '],
  ['ModelArts.0206', 'The access key or its secret is wrong: '],
  ['APIGW.0301', 'The gateway does not take the credentials: '],
])('%s has its advice, whatever the status', (code, beginning) => {
  for (const httpStatus of [200, 400, 404, 500]) {
    expect(adviceFor({ code, message: 'x', httpStatus }).startsWith(beginning)).toBe(true);
  }
});

test('both spellings of the gateway’s codes have the same advice', () => {
  const [one, other] = ['APIG.0303', 'APIGW.0303'].map((code) => adviceFor({ code, message: '' }));
  expect(one).toContain('worker’s clock');
  expect(one).toBe(other);
});

test.each([
  [undefined, 401, 'The credentials were not taken'],
  ['ModelArts.9999', 404, 'Nothing is there'],
  [undefined, 403, 'The credentials may not do this'],
  [undefined, 400, 'The request does not fit'],
  [undefined, 302, 'Redirects are not followed: check MODELARTS_ENDPOINT.'],
  [undefined, 399, 'Redirects are not followed'],
  [undefined, 409, 'It would refuse again'],
  ['ModelArts.9999', undefined, 'It would refuse again'],
  ['toString', undefined, 'It would refuse again'],
])('a refusal %p with HTTP %p is advised by the status: %s', (code, httpStatus, beginning) => {
  const error = { ...(code && { code }), ...(httpStatus && { httpStatus }), message: 'x' };
  expect(adviceFor(error)).toEqual(expect.stringMatching(new RegExp(`^${beginning}`)));
});
