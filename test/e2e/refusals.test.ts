import { readFileSync } from 'node:fs';
import type { SecureServerOptions } from 'node:http2';
import path from 'node:path';
import { createLogger } from '../../src/log.js';
import { connectToTemporal, type TemporalAccess } from '../../src/temporal.js';
import { beQuiet } from '../setup/stage.js';
import { freePort } from './free-port.js';
import { startTemporalProxy, type Interference, type TemporalProxy } from './temporal-proxy.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

/** A certificate for 127.0.0.1 and its key; it vouches for itself. */
const CERTIFICATE = path.join(__dirname, 'fixtures', 'temporal-tls.pem');

const TRUSTED = { TEMPORAL_TLS: 'true', TEMPORAL_TLS_SERVER_CA_CERT_PATH: CERTIFICATE };

let plain: TemporalProxy;
let tls: TemporalProxy;
/** Asks for a certificate that `CERTIFICATE` vouches for. */
let mutualTls: TemporalProxy;

const opened: TemporalProxy[] = [];

async function open(tlsOptions?: SecureServerOptions): Promise<TemporalProxy> {
  const proxy = await startTemporalProxy(process.env['TEST_TEMPORAL_ADDRESS']!, tlsOptions);
  opened.push(proxy);
  return proxy;
}

beforeAll(async () => {
  beQuiet();
  const pem = readFileSync(CERTIFICATE);
  const own = { key: pem, cert: pem };
  // In TLS 1.3 the client may write before it reads why it is refused.
  const mutual = { ...own, ca: pem, requestCert: true, maxVersion: 'TLSv1.2' } as const;
  plain = await open();
  tls = await open(own);
  mutualTls = await open(mutual);
});
afterAll(async () => {
  endAllWorkers();
  await Promise.all(opened.map((proxy) => proxy.close()));
});

const startWorker = (variables: Record<string, string>) =>
  startWorkerProcess({
    MODELARTS_ENDPOINT: 'http://127.0.0.1:9',
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
    ...variables,
  });

/** Connects as a starting worker does, in this process. */
const connect = (variables: Record<string, string>, waitMs = 60_000): Promise<TemporalAccess> =>
  connectToTemporal(variables, waitMs, createLogger('silent'), new AbortController().signal);

const errorOf = async (connecting: Promise<TemporalAccess>): Promise<Error> => {
  const end = await connecting.catch((error: unknown) => error);
  if (!(end instanceof Error)) throw new Error('it has connected');
  return end;
};

/** Expects a start to be refused long before it gives up connecting, by a sentence on what to change. */
async function expectRefusal(
  variables: Record<string, string>,
  ...words: readonly string[]
): Promise<void> {
  const startedAt = Date.now();
  const { name, message } = await errorOf(connect(variables));
  expect(Date.now() - startedAt).toBeLessThan(45_000);
  expect(name).toBe('AccessRefused');
  for (const word of words) expect(message).toContain(word);
  expect(message).not.toMatch(/\\x|Status|tonic|Error\(|\{|\n/);
}

it('a refusal ends a worker with 2 and one line, that of the refusal', async () => {
  const variables = { TEMPORAL_ADDRESS: plain.address, TEMPORAL_NAMESPACE: 'nope' };
  await expectRefusal(variables, 'has no namespace "nope"', 'TEMPORAL_NAMESPACE');
  const worker = startWorker(variables);
  expect(await worker.ended).toBe(2);
  expect(worker.stderr).toEqual([(await errorOf(connect(variables))).message]);
  expect(worker.stdout).toEqual([]);
});

const DENIED = { code: 7, message: 'Request unauthorized.' };
const UNAUTHENTICATED = { code: 16, message: 'Jwt is expired' };
const CREDENTIALS = ['TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_CERT_PATH'];

it.each<[string, string, Interference, string[]]>([
  ['a denied connection', 'GetSystemInfo', DENIED, CREDENTIALS],
  ['a denied namespace', 'DescribeNamespace', DENIED, [...CREDENTIALS, 'TEMPORAL_NAMESPACE']],
  ['an unknown caller', 'GetSystemInfo', UNAUTHENTICATED, CREDENTIALS],
  ['an unknown caller of the namespace', 'DescribeNamespace', UNAUTHENTICATED, CREDENTIALS],
])('%s is refused with the names of what to change', async (_, method, fault, words) => {
  const before = plain.calls(method);
  plain.interfere(method, fault);
  await expectRefusal({ TEMPORAL_ADDRESS: plain.address }, ...words);
  expect(plain.calls(method)).toBeGreaterThan(before);
  plain.interfere(method, undefined);
});

describe('TLS that does not come about is refused with what to change:', () => {
  it.concurrent('a certificate that nobody vouches for', () =>
    expectRefusal(
      { TEMPORAL_ADDRESS: tls.address, TEMPORAL_TLS: 'true' },
      'not trusted',
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    ),
  );
  it.concurrent('one that is made for another name', () =>
    expectRefusal(
      { TEMPORAL_ADDRESS: tls.address, ...TRUSTED, TEMPORAL_TLS_SERVER_NAME: 'example.com' },
      'not trusted',
      'TEMPORAL_TLS_SERVER_NAME',
    ),
  );
  it.concurrent('a key for a server without TLS', () =>
    expectRefusal(
      { TEMPORAL_ADDRESS: plain.address, TEMPORAL_API_KEY: 'api-key-CanaryOfTheTests' },
      'does not speak TLS',
      'TEMPORAL_TLS',
    ),
  );
  it.concurrent('a server that wants a certificate', () =>
    expectRefusal(
      { TEMPORAL_ADDRESS: mutualTls.address, ...TRUSTED },
      'certificate',
      'TEMPORAL_TLS_CLIENT_CERT_PATH',
    ),
  );
  it.concurrent('a certificate that is none', () =>
    expectRefusal(
      {
        TEMPORAL_ADDRESS: tls.address,
        ...TRUSTED,
        TEMPORAL_TLS_CLIENT_CERT_DATA: 'garbage',
        TEMPORAL_TLS_CLIENT_KEY_DATA: 'garbage',
      },
      'TEMPORAL_TLS_CLIENT_',
    ),
  );
  it.concurrent('a file that is not there', async () => {
    const variables = {
      TEMPORAL_ADDRESS: tls.address,
      TEMPORAL_TLS: 'true',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nonexistent/ca.pem',
    };
    const { name, message } = await errorOf(connect(variables));
    expect(name).toBe('SettingsError');
    expect(message).toContain('/nonexistent/ca.pem');
  });
});

it.concurrent('the same certificate connects where the server accepts it', async () => {
  const { connection, namespace } = await connect({
    TEMPORAL_ADDRESS: mutualTls.address,
    ...TRUSTED,
    TEMPORAL_TLS_CLIENT_CERT_PATH: CERTIFICATE,
    TEMPORAL_TLS_CLIENT_KEY_PATH: CERTIFICATE,
  });
  expect(namespace).toBe('default');
  await connection.close();
});

describe('unreachable when the time is up is a Temporal', () => {
  const endOf = async (address: string): Promise<string> => {
    const { name, message } = await errorOf(connect({ TEMPORAL_ADDRESS: address }, 1_000));
    expect(name).toBe('ConnectTimedOut');
    return message;
  };
  const away = (address: string, why: string): string =>
    `Temporal did not answer at ${address} within 1s (${why}). ` +
    'Start it, or set TEMPORAL_ADDRESS to where it listens.';

  it.concurrent.each(['GetSystemInfo', 'DescribeNamespace'])(
    'that never answers %s',
    async (method) => {
      const proxy = await open();
      proxy.interfere(method, 'silence');
      expect(await endOf(proxy.address)).toBe(away(proxy.address, 'no answer'));
      expect(proxy.calls(method)).toBeGreaterThan(0);
    },
  );
  it.concurrent('that only ends the connection, and TLS is named', async () => {
    expect(await endOf(tls.address)).toContain('it may want TLS or a certificate, TEMPORAL_TLS_…');
  });
  it.concurrent(
    'that nothing stands for, which ends a worker with 3 and why, in words',
    async () => {
      const address = `127.0.0.1:${await freePort()}`;
      expect(await endOf(address)).toBe(away(address, 'Connection refused'));
      const worker = startWorker({ TEMPORAL_ADDRESS: address, TEMPORAL_CONNECT_TIMEOUT: '1s' });
      expect(await worker.ended).toBe(3);
      expect(worker.stderr).toEqual([away(address, 'Connection refused')]);
    },
  );
});
