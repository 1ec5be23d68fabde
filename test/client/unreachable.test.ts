import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { Client, Connection } from '@temporalio/client';
import { connect } from '../../src/cli/connect.js';
import { TemporalUnreachableError } from '../../src/client/index.js';
import { callingWithin } from '../../src/client/temporal-call.js';
import { freePort } from '../e2e/free-port.js';

/** For CN localhost; nobody vouches for it. */
const CERTIFICATE = path.join(__dirname, '../modelarts/fixtures/self-signed.pem');

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** The address of a server that speaks TLS. */
async function withCertificate(): Promise<string> {
  const pem = readFileSync(CERTIFICATE);
  const server = createServer({ key: pem, cert: pem, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => undefined);
  });
  return `localhost:${await listening(server)}`;
}

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const CASES: [string, () => Promise<Record<string, string>>, RegExp][] = [
  [
    'a port where nobody listens',
    async () => ({ TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` }),
    /\(connection refused, ECONNREFUSED\)/,
  ],
  [
    'a host that nobody knows',
    () => Promise.resolve({ TEMPORAL_ADDRESS: 'nowhere.invalid:7233' }),
    /\(host name unknown\)/,
  ],
  [
    'a certificate that nobody vouches for',
    async () => ({
      TEMPORAL_ADDRESS: await withCertificate(),
      TEMPORAL_TLS: 'true',
    }),
    /\(TLS: self-signed certificate[^)]*\).*TEMPORAL_TLS/,
  ],
  [
    'a certificate of another host',
    async () => ({
      TEMPORAL_ADDRESS: await withCertificate(),
      TEMPORAL_TLS: 'true',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: CERTIFICATE,
      TEMPORAL_TLS_SERVER_NAME: 'other.example',
    }),
    /\(TLS: Hostname\/IP does not match certificate's altnames: .*other\.example.*\).*TEMPORAL_TLS/,
  ],
  [
    'a server that speaks no TLS',
    async () => {
      const server = createPlainServer((socket) => {
        socket.on('error', () => undefined).end('this is no TLS, and never was\r\n');
      });
      return { TEMPORAL_ADDRESS: `localhost:${await listening(server)}`, TEMPORAL_TLS: 'true' };
    },
    /\(TLS: wrong version number[^)]*\).*TEMPORAL_TLS/,
  ],
  [
    'a server that wants TLS',
    async () => ({ TEMPORAL_ADDRESS: await withCertificate() }),
    /\(the connection was closed at once; does it want TLS\?\)/,
  ],
];

it.each(CASES)('the command line says what is wrong with %s', async (_, settings, words) => {
  const variables = await settings();
  const error = await connect(variables, 800).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TemporalUnreachableError);
  const { message } = error as Error;
  expect(message).toContain(`Temporal does not answer at ${variables['TEMPORAL_ADDRESS']}`);
  expect(message).toMatch(words);
});

it('a call of the client says so too, also where its time was up before the SDK gave up', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const client = new Client({ connection: Connection.lazy({ address }) });
  const ask = () => client.workflowService.getSystemInfo({});
  const error = await callingWithin(client, 800, ask).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: expect.stringContaining(`at ${address} (connection refused, ECONNREFUSED)`) as string,
  });
  await client.connection.close();
});
