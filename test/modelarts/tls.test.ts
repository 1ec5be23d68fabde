import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { clientOf, closeAll, JOB, onClose } from './scripted-client.js';

afterEach(closeAll);

test('a certificate that nobody vouches for stops a request before it is sent', async () => {
  const pem = readFileSync(join(__dirname, 'fixtures/self-signed.pem'), 'utf8');
  let requests = 0;
  let handshakes = 0;
  const server = createServer({ key: pem, cert: pem }, (_request, response) => {
    requests += 1;
    response.end('{"is_success":true}');
  });
  server.on('connection', () => (handshakes += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onClose(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const client = clientOf(`https://127.0.0.1:${port}`);
  expect(await client.restart(JOB)).toEqual({
    kind: 'not-sent',
    error: {
      message: `no secure connection (DEPTH_ZERO_SELF_SIGNED_CERT) at 127.0.0.1:${port}`,
    },
  });
  expect(await client.detail(JOB)).toMatchObject({ kind: 'again' });
  expect([requests, handshakes > 0]).toEqual([0, true]);
});
