import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import {
  AK_SK,
  clientOf,
  closeAll,
  JOB,
  onClose,
  PROJECT,
  scripted,
  SECRETS,
  TOKEN,
} from './scripted-client.js';
import { reply, type Script, type Seen } from './scripted-server.js';

afterEach(closeAll);

const RUNNING = { job_id: 197, status: 8 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A TCP server below HTTP. */
async function tcp(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; connections: () => number }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onClose(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

function echo(seen: Seen): string {
  return JSON.stringify(seen.headers);
}

/** Each way in which an exchange that was sent can fail to give a whole answer. */
const FAULTS: Record<string, Script> = {
  'a head that never comes': () => undefined,
  'a body that stalls': (seen, response) => {
    response.writeHead(200, { 'content-length': '5000' });
    response.write(`{"echo":${echo(seen)}`);
  },
  'a reset before the head': (_seen, _response, request) => request.socket.resetAndDestroy(),
  'an end before the head': (_seen, _response, request) => request.socket.destroy(),
  'a reset in the body': (seen, response, request) => {
    response.writeHead(200, { 'content-length': '5000' });
    response.write(echo(seen), () => setTimeout(() => request.socket.resetAndDestroy(), 20));
  },
  'a chunked body that ends early': (seen, response, request) => {
    response.writeHead(200);
    response.write(echo(seen), () => setTimeout(() => request.socket.destroy(), 20));
  },
  'a body shorter than its gzip': (seen, response) => {
    const zipped = gzipSync(JSON.stringify({ is_success: true, ...RUNNING, pad: echo(seen) }));
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(zipped.subarray(0, zipped.length >> 1));
  },
  'a damaged gzip': (_seen, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end('this is no gzip');
  },
  'garbage instead of HTTP': (seen, _response, request) => {
    request.socket.end(`SSH-2.0-${echo(seen)}\r\n\r\n`);
  },
  'a head of 100 kB': (_seen, response) => {
    response.writeHead(200, { 'x-long': 'x'.repeat(100_000) });
    response.end('{"is_success":true,"job_id":197,"status":8}');
  },
  'a body that is no JSON': (seen, response) => response.end(`<html>${echo(seen)}</html>`),
  'an empty body': (_seen, response) => response.end(),
};

describe.each(Object.entries(FAULTS))('%s', (_name, script) => {
  const timed = { requestTimeoutMs: 400 };

  test('leaves a request ambiguous and a look to be taken again', async () => {
    const { server, client } = await scripted(script, timed);
    const answers = await Promise.all([
      client.restart(JOB),
      client.stop(JOB),
      client.detail(JOB),
      client.list(PROJECT, {}),
    ]);
    const kinds = answers.map(({ kind }) => kind);
    expect(kinds).toEqual(['ambiguous', 'ambiguous', 'again', 'again']);
    // The fault fired each time, and nothing was sent twice.
    const methods = server.seen.map(({ method }) => method).sort();
    expect(methods).toEqual(['GET', 'GET', 'POST', 'POST']);
  });

  test('is answered within the deadline', async () => {
    const { client } = await scripted(script, timed);
    const before = Date.now();
    await Promise.all([client.restart(JOB), client.detail(JOB)]);
    expect(Date.now() - before).toBeLessThan(900);
  });

  test.each([AK_SK, TOKEN])('leaks no credential ($kind)', async (credentials) => {
    const { client } = await scripted(script, { ...timed, credentials });
    await expectNoSecrets(client);
  });
});

async function expectNoSecrets(client: ModelArtsClient): Promise<void> {
  const answers = await Promise.all([
    client.restart(JOB),
    client.stop(JOB),
    client.detail(JOB),
    client.list(PROJECT, {}),
  ]);
  const shown = JSON.stringify(answers) + inspect(answers, { depth: Infinity, showHidden: true });
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
}

test.each([
  [403, 'error_message'],
  [200, 'error_message'],
  [500, 'error_code'],
  [401, 'message'],
])(
  'a service that echoes the headers under %i in %s gets no credential into an answer',
  async (status, key) => {
    for (const credentials of [AK_SK, TOKEN]) {
      const { server, client } = await scripted(
        (seen, response) => {
          const echoed = Object.values(seen.headers).join(' ');
          response.writeHead(status, {
            'x-request-id': String(
              seen.headers['x-auth-token'] ?? seen.headers['x-security-token'],
            ),
          });
          response.end(
            JSON.stringify({
              [key]: echoed,
              job_id: 197,
              job_name: echoed,
              service_url: `https://x/${encodeURIComponent(echoed)}`,
            }),
          );
        },
        { credentials },
      );
      await expectNoSecrets(client);
      expect(server.seen.length).toBe(4);
    }
  },
);

test('a good answer that echoes a credential in the address of the job hides it', async () => {
  const { client } = await scripted(
    (seen, response) =>
      response.end(
        JSON.stringify({
          ...RUNNING,
          service_url: `https://x/?t=${String(seen.headers['x-auth-token'])}`,
        }),
      ),
    { credentials: TOKEN },
  );
  expect(await client.detail(JOB)).toMatchObject({
    kind: 'read',
    value: { serviceUrl: 'https://x/?t=***' },
  });
});

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

describe('a request that never got out', () => {
  test('for want of a listener is not sent', async () => {
    const { server, client } = await scripted(reply(200, {}));
    await server.close();
    expect(await client.restart(JOB)).toEqual({
      kind: 'not-sent',
      error: { message: 'connection refused (ECONNREFUSED)' },
    });
    expect((await client.detail(JOB)).kind).toBe('again');
  });

  test('for want of a host name is not sent', async () => {
    const client = clientOf('https://no-such-host.invalid');
    const answer = await client.restart(JOB);
    expect(answer).toMatchObject({
      kind: 'not-sent',
      error: { message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) },
    });
  });

  test('for want of TLS on the other side is not sent', async () => {
    const { port, connections } = await tcp((socket) => socket.end('HTTP/1.1 400 no TLS\r\n\r\n'));
    const answer = await clientOf(`https://127.0.0.1:${port}`).restart(JOB);
    expect(answer).toMatchObject({
      kind: 'not-sent',
      error: { message: expect.stringContaining('SSL') },
    });
    expect(connections()).toBe(1);
  });

  test('because the TLS handshake stalls past its send-by is not sent', async () => {
    const { port, connections } = await tcp(() => undefined);
    const client = clientOf(`https://127.0.0.1:${port}`);
    const before = Date.now();
    const answer = await client.restart(JOB, { sendBy: before + 200 });
    expect(answer).toEqual({ kind: 'not-sent', error: { message: 'no connection in time' } });
    expect(Date.now() - before).toBeLessThan(600);
    expect(connections()).toBe(1);
  });

  test('because its deadline passed while it was connecting is not sent', async () => {
    const { port } = await tcp(() => undefined);
    const client = clientOf(`https://127.0.0.1:${port}`, { requestTimeoutMs: 200 });
    expect((await client.restart(JOB, { sendBy: Date.now() + 5_000 })).kind).toBe('not-sent');
    expect((await client.detail(JOB)).kind).toBe('again');
  });

  test('because its send-by had passed opens no connection', async () => {
    const { server, client } = await scripted(reply(200, { is_success: true }));
    expect(await client.restart(JOB, { sendBy: Date.now() - 1 })).toEqual({
      kind: 'not-sent',
      error: { message: 'too late to start' },
    });
    expect(server.connections).toBe(0);
  });

  test('because all places were taken until its send-by is not sent, also later', async () => {
    const held: (() => void)[] = [];
    const { server, client } = await scripted((_seen, response) => {
      held.push(() => response.end('{"is_success":true}'));
    });
    const first = Array.from({ length: 8 }, () => client.restart(JOB));
    while (held.length < 8) await pause(5);
    const late = await client.restart(JOB, { sendBy: Date.now() + 100 });
    expect(late).toEqual({ kind: 'not-sent', error: { message: 'no connection in time' } });
    for (const release of held) release();
    expect(new Set((await Promise.all(first)).map(({ kind }) => kind))).toEqual(
      new Set(['accepted']),
    );
    await pause(100);
    expect(server.seen.length).toBe(8);
  });
});

test('the deadline holds for a stalled body also after the garbage was collected', async () => {
  // fetch's own way from signal to body goes over weak references, which a collection cuts.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { server, client } = await scripted(FAULTS['a body that stalls'] as Script, {
    requestTimeoutMs: 500,
  });
  const before = Date.now();
  const answers = Promise.all([client.restart(JOB), client.detail(JOB)]);
  const collecting = setInterval(collect, 50);
  const [restarted, seen] = await answers.finally(() => clearInterval(collecting));
  expect([restarted.kind, seen.kind]).toEqual(['ambiguous', 'again']);
  expect(Date.now() - before).toBeLessThan(900);
  await pause(100);
  expect([server.seen.length, server.openSockets.size]).toEqual([2, 0]);
});

test('a request that started just before its send-by is waited for', async () => {
  const { client } = await scripted(async (_seen, response) => {
    await pause(300);
    response.end('{"is_success":true}');
  });
  expect(await client.restart(JOB, { sendBy: Date.now() + 150 })).toEqual({ kind: 'accepted' });
});

test('an event loop that was blocked past the send-by sends nothing', async () => {
  const { server, client } = await scripted(reply(200, { is_success: true }));
  const restarting = client.restart(JOB, { sendBy: Date.now() + 20 });
  const until = Date.now() + 60;
  while (Date.now() < until);
  expect((await restarting).kind).toBe('not-sent');
  await pause(100);
  expect(server.seen.length).toBe(0);
});

test('a socket that is ready after the send-by, before its timer ran, sends nothing', async () => {
  const { server, client } = await scripted(reply(200, { is_success: true }));
  const sendBy = Date.now() + 60_000;
  const restarting = client.restart(JOB, { sendBy });
  const clock = jest.spyOn(Date, 'now').mockReturnValue(sendBy);
  const answer = await restarting.finally(() => clock.mockRestore());
  expect(answer).toEqual({ kind: 'not-sent', error: { message: 'too late to start' } });
  expect([server.connections, server.seen.length]).toEqual([1, 0]);
});

describe('sockets', () => {
  test('200 looks at once share eight, all answered', async () => {
    const { server, client } = await scripted(async (_seen, response) => {
      await pause(5);
      response.end(JSON.stringify(RUNNING));
    });
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.detail(JOB)));
    expect(answers.filter(({ kind }) => kind === 'read').length).toBe(200);
    expect(server.seen.length).toBe(200);
    expect(server.connections).toBeLessThanOrEqual(8);
  });

  test('one look after another opens two at most, also after errors', async () => {
    const { server, client } = await scripted(reply(403, { error_code: 'APIGW.0302' }));
    for (let n = 0; n < 20; n += 1) await client.detail(JOB);
    expect(server.seen.length).toBe(20);
    // The first may not be free again when the second look starts.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('a request has a fresh one, so that no closing socket swallows it', async () => {
    const { server, client } = await scripted(reply(200, { is_success: true }));
    for (let n = 0; n < 3; n += 1) await client.restart(JOB);
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 2, 3]);
    await pause(50);
    expect(server.openSockets.size).toBe(0);
  });

  test('a request does not queue behind looks that stall', async () => {
    const { client } = await scripted(
      (seen, response) => {
        if (seen.method === 'POST') response.end('{"is_success":true}');
      },
      { requestTimeoutMs: 1_000 },
    );
    const looks = Array.from({ length: 50 }, () => client.detail(JOB));
    await pause(50);
    const before = Date.now();
    expect((await client.restart(JOB)).kind).toBe('accepted');
    expect(Date.now() - before).toBeLessThan(200);
    // The wait for a place counts: all 50 are over at the deadline of one.
    await Promise.all(looks);
    expect(Date.now() - before).toBeLessThan(1_500);
  });

  test('looks that time out free their places', async () => {
    let stall = true;
    const { client } = await scripted(
      (_seen, response) => {
        if (!stall) response.end(JSON.stringify(RUNNING));
      },
      { requestTimeoutMs: 200 },
    );
    await Promise.all(Array.from({ length: 20 }, () => client.detail(JOB)));
    stall = false;
    expect((await client.detail(JOB)).kind).toBe('read');
  });
});

describe('a body without end', () => {
  const MIB = 1024 * 1024;

  async function flood(make: () => Script) {
    const sent = { bytes: 0 };
    const script = make();
    const { server, client } = await scripted((seen, response, request) => {
      const write = response.write.bind(response) as (chunk: Buffer) => boolean;
      response.write = ((chunk: Buffer) => {
        sent.bytes += chunk.length;
        return write(chunk);
      }) as typeof response.write;
      return script(seen, response, request);
    });
    return { sent, server, client };
  }

  const plain: Script = async (_seen, response) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    response.writeHead(200);
    for (let n = 0; n < 3200 && !response.destroyed; n += 1) {
      response.write(chunk);
      while (response.writableNeedDrain && !response.destroyed) await pause(1);
    }
    response.end();
  };

  test('is cut at the cap: a request is ambiguous, a look is taken again, the socket is dropped', async () => {
    const { sent, server, client } = await flood(() => plain);
    expect(await client.restart(JOB)).toEqual({
      kind: 'ambiguous',
      error: { httpStatus: 200, message: 'HTTP 200 with a body that is too large' },
    });
    expect((await client.detail(JOB)).kind).toBe('again');
    expect((await client.list(PROJECT, {})).kind).toBe('again');
    await pause(200);
    expect(server.openSockets.size).toBe(0);
    // Three floods of 200 MiB; what is sent beyond the caps is what fits into buffers.
    expect(sent.bytes).toBeGreaterThan(6 * MIB);
    expect(sent.bytes).toBeLessThan(60 * MIB);
  });

  test('of 200 MiB, zipped to 200 kB, does not unfold in memory', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB));
    expect(bomb.length).toBeLessThan(MIB);
    const { server, client } = await scripted((_seen, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(bomb);
    });
    const before = process.memoryUsage();
    expect((await client.detail(JOB)).kind).toBe('again');
    const after = process.memoryUsage();
    expect(server.seen.length).toBe(1);
    expect(
      after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed,
    ).toBeLessThan(50 * MIB);
  });

  test('under an error status leaves that status to decide', async () => {
    const { client } = await scripted(reply(403, 'x'.repeat(2 * MIB)));
    const error = { httpStatus: 403, message: 'HTTP 403 with a body that is too large' };
    expect(await client.restart(JOB)).toEqual({ kind: 'refused', error });
  });
});

test('a page of 1000 jobs with long descriptions is read', async () => {
  const jobs = Array.from({ length: 1000 }, (_, n) => ({
    job_id: n + 1,
    job_name: `job-${n}`,
    job_desc: '图'.repeat(256),
    status: 8,
    service_url: `https://console.example.com/${'x'.repeat(200)}/${n}`,
  }));
  const body = JSON.stringify({ is_success: true, job_total_count: 1000, jobs });
  expect(body.length).toBeGreaterThan(500_000);
  const { client } = await scripted(reply(200, body));
  const answer = await client.list(PROJECT, { perPage: 1000 });
  expect(answer).toMatchObject({
    kind: 'read',
    value: { total: 1000, received: 1000, skipped: 0 },
  });
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

test('closing waits for what is under way', async () => {
  const { client } = await scripted(async (_seen, response) => {
    await pause(200);
    response.end('{"is_success":true}');
  });
  const restarting = client.restart(JOB);
  await client.close();
  expect(await restarting).toEqual({ kind: 'accepted' });
});

test('a closed client sends nothing and says so', async () => {
  const { server, client } = await scripted(reply(200, { is_success: true }));
  await client.close();
  expect(await client.restart(JOB)).toMatchObject({ kind: 'not-sent' });
  expect(await client.detail(JOB)).toMatchObject({ kind: 'again' });
  expect(server.connections).toBe(0);
});

test('an exchange leaves nothing on the signal of a caller who keeps it', async () => {
  const { client } = await scripted(reply(200, RUNNING));
  const abort = new AbortController();
  const added = jest.spyOn(abort.signal, 'addEventListener');
  const removed = jest.spyOn(abort.signal, 'removeEventListener');
  for (let n = 0; n < 20; n += 1) await client.detail(JOB, { signal: abort.signal });
  expect(added.mock.calls.length).toBe(20);
  expect(removed.mock.calls.length).toBe(20);
});
