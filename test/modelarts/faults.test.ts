import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import {
  AK_SK,
  closeAll,
  expectNoSecrets,
  JOB,
  PROJECT,
  scripted,
  TOKEN,
} from './scripted-client.js';
import type { Script, Seen } from './scripted-server.js';

afterEach(closeAll);

const RUNNING = { job_id: 197, status: 8 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

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
  const timed = { requestTimeoutMs: 1_000 };

  test('leaves a request ambiguous and a look to be taken again', async () => {
    const { server, client } = await scripted(script, { ...timed, credentials: TOKEN });
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

  test('is told with the host, and without path or project', async () => {
    const { server, client } = await scripted(script, timed);
    const answers = await Promise.all([client.restart(JOB), client.detail(JOB)]);
    for (const answer of answers) {
      const { message, httpStatus } = 'error' in answer ? answer.error : { message: '' };
      expect(message).not.toContain('visualization-jobs');
      expect(message).not.toContain(PROJECT);
      // An answer that came whole is told by its HTTP status.
      if (!message.startsWith('HTTP 200 with')) {
        expect(message).toContain(` ${new URL(server.endpoint).host}`);
        expect(httpStatus === undefined || httpStatus === 200).toBe(true);
      }
    }
  });

  test('is answered within the deadline', async () => {
    const { client } = await scripted(script, timed);
    const before = Date.now();
    await Promise.all([client.restart(JOB), client.detail(JOB)]);
    expect(Date.now() - before).toBeLessThan(4_000);
  });

  test.each([AK_SK, TOKEN])('leaks no credential ($kind)', async (credentials) => {
    const { client } = await scripted(script, { ...timed, credentials });
    await expectNoSecrets(client);
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
  // A few times while the body stalls: a collection of this heap can take longer than the deadline.
  let collections = 0;
  const collecting = setInterval(() => {
    collections += 1;
    if (collections <= 4) collect();
  }, 50);
  const [restarted, seen] = await answers.finally(() => clearInterval(collecting));
  expect([restarted.kind, seen.kind]).toEqual(['ambiguous', 'again']);
  expect(collections).toBeGreaterThan(0);
  // Without the deadline they would never end.
  expect(Date.now() - before).toBeLessThan(5_000);
  await pause(100);
  expect([server.seen.length, server.openSockets.size]).toEqual([2, 0]);
});
