import { readErrorBody } from '../../src/modelarts/answer-body.js';
import { requestAnswer } from '../../src/modelarts/answers.js';
import { cleanText } from '../../src/modelarts/scrub.js';
import { answered, same } from './answered.js';

test.each([
  [
    { is_success: false, error_code: 'ModelArts.0104', error_message: 'Bad.' },
    { code: 'ModelArts.0104', text: 'Bad.' },
  ],
  [
    {
      error_code: 'APIGW.0301',
      error_msg: 'No.',
      request_id: '1',
      encoded_authorization_message: null,
    },
    { code: 'APIGW.0301', text: 'No.' },
  ],
  [{ error: { code: 401, message: 'Who?', title: 'Unauthorized' } }, { text: 'Who?' }],
  [
    { error: { code: 'XXX.0001', message: 'In.' }, error_code: 'XXX.0002', error_msg: 'Out.' },
    { code: 'XXX.0002', text: 'Out.' },
  ],
  [{ error: { code: 'XXX.0001', message: 'In.' } }, { code: 'XXX.0001', text: 'In.' }],
  [
    { errorCode: 'A.1', errorMsg: 'Camel.' },
    { code: 'A.1', text: 'Camel.' },
  ],
  [
    { errorCode: 'A.1', errorMessage: 'Camel.' },
    { code: 'A.1', text: 'Camel.' },
  ],
  [
    { code: 'A.1', message: 'Short.' },
    { code: 'A.1', text: 'Short.' },
  ],
  [{ error_code: '', error_message: ' ' }, {}],
  [{ error_code: '<b>', error_message: 7 }, {}],
  [{}, {}],
  [null, {}],
  ['text', {}],
  [[{ error_code: 'A.1' }], {}],
  [undefined, {}],
])('%j reads as %j', (body, read) => {
  expect(readErrorBody(body)).toEqual(read);
});

function messageOf(body: string | undefined, httpStatus = 502): string {
  const answer = requestAnswer(answered(httpStatus, body), same);
  return 'error' in answer ? answer.error.message : '';
}

test.each([
  [
    '<html><head><title>502 Bad Gateway</title></head><body>\r\n<h1>nginx</h1></body></html>',
    '502 Bad Gateway nginx',
  ],
  ['plain\u0000 \u001b[31mtext\u202e\n', 'plain [31mtext'],
  ['', 'HTTP 502 without a message'],
  [undefined, 'HTTP 502 with a body that is too large'],
  ['{"status":8', '{"status":8'],
])('a body in no known shape, %j, is told as %j', (body, message) => {
  expect(messageOf(body)).toBe(message);
});

test('a redirect is told as one', () => {
  expect(messageOf('', 302)).toBe('HTTP 302: a redirect, not followed');
});

test('a text is cut at 300 characters, between characters', () => {
  const cut = cleanText('😀'.repeat(1000), same);
  expect([...cut].length).toBe(300);
  expect(cut).toBe(`${'😀'.repeat(299)}…`);
});

test('a page of a megabyte of open tags is cleaned at once', () => {
  const before = performance.now();
  cleanText('<script '.repeat(130_000), same);
  cleanText('<'.repeat(1_000_000), same);
  expect(performance.now() - before).toBeLessThan(2_000);
});
