import { readAnswer, requestAnswer } from '../../src/modelarts/answers.js';
import { answered, same } from './answered.js';

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
