import { gzipSync } from 'node:zlib';
import { closeAll, JOB, PROJECT, scripted } from './scripted-client.js';
import { reply, type Script } from './scripted-server.js';

afterEach(closeAll);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

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
    value: { total: 1000, received: 1000 },
  });
});
