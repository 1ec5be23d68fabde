import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { clientOf, closeAll, JOB, onClose, scripted } from './scripted-client.js';
import { reply } from './scripted-server.js';
import { tcp } from './tcp-server.js';

afterEach(closeAll);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface End {
  bytes: number;
  whole: boolean;
  how: string;
}

/** Reads a connection to its end: `closed` by the other side, or the code of the error. */
function readToEnd(socket: Socket): Promise<End> {
  const end: End = { bytes: 0, whole: false, how: 'closed' };
  let last = '';
  socket.on('data', (chunk: Buffer) => {
    end.bytes += chunk.length;
    last = (last + chunk.toString('latin1')).slice(-4);
    end.whole = last === '\r\n\r\n';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => (end.how = error.code ?? 'error'));
  socket.resume();
  return new Promise((resolve) => socket.on('close', () => resolve(end)));
}

describe('a request that is given up', () => {
  test('resets its connection, and opens no other', async () => {
    const ends: Promise<End>[] = [];
    const { port } = await tcp((socket) => ends.push(readToEnd(socket)));
    const client = clientOf(`http://127.0.0.1:${port}`, { requestTimeoutMs: 1_000 });
    expect((await client.restart(JOB)).kind).toBe('ambiguous');
    await pause(100);
    expect(await Promise.all(ends)).toEqual([
      { bytes: expect.any(Number) as number, whole: true, how: 'ECONNRESET' },
    ]);
  });

  test('is not delivered later, as far as it had not left this machine', async () => {
    // More than the other side takes without reading, and little enough for the send buffer to
    // hold the rest: closed in the usual way, all of it would arrive.
    const token = 'x'.repeat(200_000);
    const accepted: Socket[] = [];
    const { port } = await tcp((socket) => accepted.push(socket), { pauseOnConnect: true });
    const client = clientOf(`http://127.0.0.1:${port}`, {
      credentials: { kind: 'token', token },
      // Long enough for a connection on a busy machine.
      requestTimeoutMs: 1_000,
    });
    expect((await client.restart(JOB)).kind).toBe('ambiguous');
    await pause(100);
    const end = await readToEnd(accepted[0] as Socket);
    expect(end.bytes).toBeGreaterThan(0);
    expect(end.bytes).toBeLessThan(token.length);
    expect(end.whole).toBe(false);
  });

  test('resets its connection under TLS too', async () => {
    const pem = readFileSync(join(__dirname, 'fixtures/self-signed.pem'), 'utf8');
    const ends: Promise<End>[] = [];
    const server = tls.createServer({ key: pem, cert: pem }, (socket) => {
      ends.push(readToEnd(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onClose(() => new Promise((resolve) => server.close(() => resolve())));
    const connect = tls.connect.bind(tls) as (options: tls.ConnectionOptions) => tls.TLSSocket;
    const trusting = jest
      .spyOn(tls, 'connect')
      .mockImplementation(((options: tls.ConnectionOptions) =>
        connect({ ...options, rejectUnauthorized: false })) as typeof tls.connect);
    try {
      const { port } = server.address() as AddressInfo;
      const client = clientOf(`https://127.0.0.1:${port}`, { requestTimeoutMs: 300 });
      expect((await client.restart(JOB)).kind).toBe('ambiguous');
      expect(trusting).toHaveBeenCalledTimes(1);
      expect(await Promise.all(ends)).toEqual([
        { bytes: expect.any(Number) as number, whole: true, how: 'ECONNRESET' },
      ]);
    } finally {
      trusting.mockRestore();
    }
  });

  test('while the TLS handshake stalls lets go of its connection at once', async () => {
    const ends: Promise<End>[] = [];
    const { port } = await tcp((socket) => void ends.push(readToEnd(socket)));
    const client = clientOf(`https://127.0.0.1:${port}`);
    const answer = await client.restart(JOB, { sendBy: Date.now() + 200 });
    expect(answer.kind).toBe('not-sent');
    const late = pause(500).then(() => 'still open');
    expect(await Promise.race([Promise.all(ends), late])).toEqual([
      expect.objectContaining({ whole: false }),
    ]);
  });
});

test('a request that was answered closes its connection in peace', async () => {
  const ends: Promise<End>[] = [];
  const { client } = await scripted((seen, response, request) => {
    ends.push(readToEnd(request.socket));
    return reply(200, { is_success: true })(seen, response, request);
  });
  expect(await client.restart(JOB)).toEqual({ kind: 'accepted' });
  expect(await Promise.all(ends)).toEqual([expect.objectContaining({ how: 'closed' })]);
});
