import { clientOf, closeAll, JOB, scripted, TOKEN } from './scripted-client.js';
import { reply, type ScriptedServer } from './scripted-server.js';
import { tcp } from './tcp-server.js';

afterEach(closeAll);

const hostOf = (server: ScriptedServer) => new URL(server.endpoint).host;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a request that never got out', () => {
  test('for want of a listener is not sent', async () => {
    const { server, client } = await scripted(reply(200, {}));
    await server.close();
    expect(await client.restart(JOB)).toEqual({
      kind: 'not-sent',
      error: { message: `connection refused (ECONNREFUSED) at ${hostOf(server)}` },
    });
    expect((await client.detail(JOB)).kind).toBe('again');
  });

  test('for want of a host name is not sent', async () => {
    const client = clientOf('https://no-such-host.invalid');
    const answer = await client.restart(JOB);
    expect(answer).toMatchObject({
      kind: 'not-sent',
      error: {
        message: expect.stringMatching(/\((ENOTFOUND|EAI_AGAIN)\): no-such-host\.invalid$/),
      },
    });
  });

  test('for want of TLS on the other side is not sent', async () => {
    const { port, connections } = await tcp((socket) => socket.end('HTTP/1.1 400 no TLS\r\n\r\n'));
    const answer = await clientOf(`https://127.0.0.1:${port}`).restart(JOB);
    expect(answer).toMatchObject({
      kind: 'not-sent',
      error: { message: expect.stringMatching(`SSL.*\\) at 127\\.0\\.0\\.1:${port}$`) },
    });
    expect(connections()).toBe(1);
  });

  test('because the TLS handshake stalls past its send-by is not sent', async () => {
    const { port, connections } = await tcp(() => undefined);
    const client = clientOf(`https://127.0.0.1:${port}`);
    const before = Date.now();
    const answer = await client.restart(JOB, { sendBy: before + 200 });
    expect(answer).toEqual({
      kind: 'not-sent',
      error: { message: `no connection in time to 127.0.0.1:${port}` },
    });
    expect(Date.now() - before).toBeLessThan(4_000);
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
    const { server, client } = await scripted(
      (_seen, response) => {
        held.push(() => response.end('{"is_success":true}'));
      },
      { credentials: TOKEN },
    );
    const first = Array.from({ length: 8 }, () => client.restart(JOB));
    while (held.length < 8) await pause(5);
    const late = await client.restart(JOB, { sendBy: Date.now() + 100 });
    expect(late).toEqual({
      kind: 'not-sent',
      error: { message: `no connection in time to ${hostOf(server)}` },
    });
    for (const release of held) release();
    expect(new Set((await Promise.all(first)).map(({ kind }) => kind))).toEqual(
      new Set(['accepted']),
    );
    await pause(100);
    expect(server.seen.length).toBe(8);
  });
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
