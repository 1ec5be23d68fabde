import { refusalOf, whyInWords } from '../../src/temporal.js';

const ASKED = { address: 'temporal.example.com:7233', namespace: 'mine' };

/** Texts that SDK 1.24 was seen to give; test/e2e/refusals.test.ts meets others. */
const GET_SYSTEM_INFO =
  'Failed to call GetSystemInfo: code: \'Unknown error\', message: "transport error", source: tonic::transport::Error(Transport, hyper::Error(Io, ';

test.each([
  [
    'an alert after the handshake of TLS 1.3',
    `${GET_SYSTEM_INFO}Custom { kind: InvalidData, error: "received fatal alert: CertificateRequired" }))`,
    'does not accept the worker’s certificate (CertificateRequired)',
  ],
  [
    'an alert during the handshake',
    'tonic::transport::Error(Transport, ConnectError(Custom { kind: InvalidData, error: AlertReceived(UnknownCA) }))',
    'does not accept the worker’s certificate (UnknownCA)',
  ],
  [
    'a poll that a log line tells of',
    'Status { code: PermissionDenied, message: "no", metadata: MetadataMap { headers: {} }, source: None }',
    'does not let the worker use the namespace "mine"',
  ],
  ['a name that is too long', 'Namespace length exceeds limit.', 'has no namespace "mine"'],
])('%s is a refusal', (_claim, text, words) => {
  expect(refusalOf(new Error(text), ASKED)?.message).toContain(words);
  expect(refusalOf(text, ASKED)?.message).toContain(words);
});

test.each([
  [`${GET_SYSTEM_INFO}Kind(ConnectionReset)))`],
  ['Status { code: Unavailable, message: "a certificate is renewed", source: None }'],
  ['Status { code: ResourceExhausted, message: "namespace rate limit exceeded", source: None }'],
  [
    'tonic::transport::Error(Transport, ConnectError(Custom { error: AlertReceived(CloseNotify) }))',
  ],
])('what may pass is none: %s', (text) => {
  expect(refusalOf(new Error(text), ASKED)).toBeUndefined();
});

test('an invalid argument that is not about the namespace does not blame it', () => {
  const error = Object.assign(new Error('TaskQueue length exceeds limit.'), { code: 3 });
  expect(refusalOf(error, ASKED)).toBeUndefined();
});

test.each([
  [
    'tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", 127.0.0.1:1, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })))',
    'Connection refused',
  ],
  ['Status { code: Internal, details: b"\\x08\\x05" }', 'no connection'],
  ['Deadline exceeded', 'Deadline exceeded'],
])('why a call failed is said in words: %s', (text, words) => {
  expect(whyInWords(new Error(text))).toBe(words);
});
