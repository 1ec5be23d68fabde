import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';

/**
 * Has undici load its HTTP parser, which it does at its first connection. Jest loads no module
 * between the end of a test and the start of the next, so with concurrent tests that connection
 * could fail, and every later one with it.
 */
export async function loadHttpParser(): Promise<void> {
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const { body } = await request(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
  await body.dump();
  server.close();
}
