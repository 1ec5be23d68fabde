import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AuthenticateOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import { readSettings } from '../../src/config.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import { job, PASSWORD, startCloud } from './iam-cloud.js';
import { clientOf, closeAll, onClose } from './scripted-client.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const KEYS = { accessKey: 'VARIABLESKEY00000001', secretKey: 'secret-key-CanaryOfTheTests' };

let folder: string;

beforeEach(() => {
  stopClocks();
  folder = mkdtempSync(path.join(tmpdir(), 'variables-'));
  onClose(async () => rmSync(folder, { recursive: true }));
});
afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

/** Puts a file with this text in the place of the one of this name, and returns its path. */
function hold(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}

/** The client of a worker with these variables, and what it tells about its credentials. */
function started(simulator: Simulator, variables: Record<string, string>) {
  const { report, told } = listener();
  const endpoint = { MODELARTS_ENDPOINT: simulator.url };
  const { credentials } = readSettings({ ...endpoint, ...variables });
  return { client: clientOf(simulator.url, { credentials, onCredentials: report }), told };
}

async function gateway(keys: AuthenticateOptions): Promise<Simulator> {
  const simulator = await startSimulator({ authenticate: keys });
  onClose(() => simulator.close());
  simulator.addJob({ jobId: '1', status: 12 });
  return simulator;
}

const look = async (client: ModelArtsClient) => (await client.detail(job())).kind;
const lastHeaders = (simulator: Simulator) => simulator.requests().at(-1)?.headers ?? {};

test('HW_SECURITY_TOKEN_FILE: its token is sent and signed, and read again when it has changed', async () => {
  const [first, second] = ['first', 'second'].map((nth) => `${nth}-CanaryOfTheTests`);
  const keys: AuthenticateOptions = { ...KEYS, securityToken: first! };
  const simulator = await gateway(keys);
  const { client } = started(simulator, {
    HW_ACCESS_KEY: KEYS.accessKey,
    HW_SECRET_KEY: KEYS.secretKey,
    HW_SECURITY_TOKEN_FILE: hold('token', `${first}\n`),
  });
  expect(await look(client)).toBe('read');
  expect(lastHeaders(simulator)).toMatchObject({
    'x-security-token': first,
    authorization: expect.stringMatching(
      /^SDK-HMAC-SHA256 Access=VARIABLESKEY00000001, SignedHeaders=[^,]*x-security-token/,
    ) as string,
  });
  hold('token', second!);
  keys.securityToken = second!;
  expect(await look(client)).toBe('again');
  expect(await look(client)).toBe('read');
  expect(lastHeaders(simulator)['x-security-token']).toBe(second);
});

test('HW_USER_PASSWORD_FILE: the next login is made with the password that it holds by then', async () => {
  const { simulator, iam, logins } = await startCloud();
  const { client, told } = started(simulator, {
    HW_AUTH_URL: simulator.url,
    HW_USER_NAME: 'restarter',
    HW_USER_PASSWORD_FILE: hold('password', `${PASSWORD}\n`),
    HW_DOMAIN_NAME: 'acme',
    HW_PROJECT_NAME: 'cn-north-4',
  });
  const sent = () =>
    simulator
      .requests({ operation: 'login' })
      .map(({ body }) => /"password":"([^"]+)"/.exec(body)?.[1]);
  expect(await look(client)).toBe('read');
  expect(sent()).toEqual([PASSWORD]);

  const changed = 'changed-password-CanaryOfTheTests';
  hold('password', changed);
  iam.users = iam.users.map((user) => ({ ...user, password: changed }));
  jest.advanceTimersByTime(60_000);
  // A change of the password ends the tokens, some time later.
  simulator.endCredentials();
  expect(await look(client)).toBe('again');
  expect(await look(client)).toBe('read');
  expect(sent()).toEqual([PASSWORD, changed]);
  expect(logins()).toBe(2);
  expect(told.filter((line) => line.startsWith('warn'))).toEqual([]);
});

test('HW_PROFILE: the named profile’s keys are used, also once the file has changed', async () => {
  const [old, other, renewed] = ['OLD', 'OTHER', 'RENEWED'].map((name) => ({
    accessKeyId: `${name}ACCESSKEY001`,
    secretAccessKey: `${name}-CanaryOfTheTests`,
  }));
  const holdFile = (lab: object) =>
    hold(
      'config.json',
      JSON.stringify({
        current: 'default',
        profiles: [
          { name: 'default', ...other },
          { name: 'lab', ...lab },
        ],
      }),
    );
  const keysOf = ({ accessKeyId, secretAccessKey } = old!) => ({
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
  });
  const keys: AuthenticateOptions = keysOf();
  const simulator = await gateway(keys);
  const { client } = started(simulator, {
    HW_SHARED_CONFIG_FILE: holdFile(old!),
    HW_PROFILE: 'lab',
  });
  expect(await look(client)).toBe('read');
  holdFile(renewed!);
  Object.assign(keys, keysOf(renewed));
  expect(await look(client)).toBe('again');
  expect(await look(client)).toBe('read');
});
