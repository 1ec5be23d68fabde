import { clientOf, closeAll, JOB, scripted } from './scripted-client.js';
import { reply } from './scripted-server.js';

afterEach(closeAll);

const RUNNING = { job_id: 197, status: 8 };

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    '%i is refused, and nothing reaches the other host',
    async (status) => {
      const other = await scripted(reply(200, { is_success: true, ...RUNNING }));
      const { server, client } = await scripted((_seen, response) => {
        response.writeHead(status, { location: `${other.server.endpoint}/` }).end();
      });
      const error = { httpStatus: status, message: `HTTP ${status}: a redirect, not followed` };
      expect(await client.restart(JOB)).toEqual({ kind: 'refused', error });
      expect(await client.detail(JOB)).toEqual({ kind: 'refused', error });
      expect(server.seen.length).toBe(2);
      expect(other.server.connections).toBe(0);
    },
  );
});

test('what the service says of a refusal arrives whole', async () => {
  const body = {
    is_success: false,
    error_code: 'ModelArts.0105',
    error_message: "This job can't be resubmit. job status: 8",
  };
  const { client } = await scripted(reply(400, body, { 'X-Request-Id': 'abc-123' }));
  expect(await client.restart(JOB)).toEqual({
    kind: 'refused',
    jobStatus: 8,
    error: {
      code: 'ModelArts.0105',
      message: body.error_message,
      httpStatus: 400,
      requestId: 'abc-123',
    },
  });
});

test('a 421 is an answer, for which fetch sends nothing again', async () => {
  const body = { error_code: 'APIG.0101', error_msg: 'wrong connection' };
  const { client, server } = await scripted(reply(421, body, { 'X-Request-Id': 'abc-421' }));
  const error = {
    code: 'APIG.0101',
    message: 'wrong connection',
    httpStatus: 421,
    requestId: 'abc-421',
  };
  expect(await client.restart(JOB)).toEqual({ kind: 'not-sent', error });
  expect(await client.detail(JOB)).toEqual({ kind: 'again', error });
  expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('a throttled request says how long to wait', async () => {
  const { client, server } = await scripted(
    reply(429, { error_code: 'APIGW.0308', error_msg: 'slow' }, { 'Retry-After': '7' }),
  );
  // The first client holds its next call back.
  const another = clientOf(server.endpoint);
  const error = { code: 'APIGW.0308', message: 'slow', httpStatus: 429 };
  expect(await client.restart(JOB)).toEqual({ kind: 'not-sent', error, retryAfterMs: 7_000 });
  expect(await another.detail(JOB)).toEqual({ kind: 'again', error, retryAfterMs: 7_000 });
});

test('a detail answer for another job is not taken for an answer', async () => {
  const { client } = await scripted(reply(200, { job_id: 198, status: 8 }));
  expect((await client.detail(JOB)).kind).toBe('again');
});
