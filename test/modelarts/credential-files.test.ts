import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AuthenticateOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import type { CredentialSettings, ModelArtsClient } from '../../src/modelarts/client.js';
import { clientOf, closeAll, onClose } from './scripted-client.js';
import type { Credentials } from '../../src/modelarts/credentials.js';
import { createCredentialsProvider, type Lease } from '../../src/modelarts/credentials-provider.js';
import { watchedSource } from '../../src/modelarts/file-source.js';
import type { WatchedFiles } from '../../src/modelarts/watched-files.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const OLD = { accessKey: 'OLDACCESSKEY00000001', secretKey: 'old-secret-key-CanaryOfTheTests' };
const NEW = { accessKey: 'NEWACCESSKEY00000002', secretKey: 'new-secret-key-CanaryOfTheTests' };

const NEVER = new AbortController().signal;

let folder: string;
let simulator: Simulator;
let keys: AuthenticateOptions;

beforeEach(async () => {
  stopClocks();
  folder = mkdtempSync(path.join(tmpdir(), 'credentials-'));
  onClose(async () => rmSync(folder, { recursive: true }));
  keys = { ...OLD };
  simulator = await startSimulator({ authenticate: keys });
  onClose(() => simulator.close());
  simulator.addJob({ jobId: '10', status: 12 });
});
afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const file = (name: string): string => path.join(folder, name);
/** Kubernetes and editors put a new file in the place of the old one. */
function replace(name: string, text: string): void {
  writeFileSync(file(`${name}.new`), text);
  renameSync(file(`${name}.new`), file(name));
}
const look = (client: ModelArtsClient) =>
  client.detail({ projectId: simulator.projectId, jobId: '10' });
const sentKeys = (): (string | undefined)[] =>
  simulator
    .requests()
    .map(({ headers }) => /Access=(\w+)/.exec(headers['authorization'] ?? '')?.[1]);

function keyFiles({ accessKey, secretKey } = OLD): CredentialSettings {
  replace('ak', `${accessKey}\n`);
  replace('sk', `${secretKey}\r\n`);
  return {
    kind: 'key-files',
    accessKey: { file: file('ak') },
    secretKey: { file: file('sk') },
  };
}

function sharedFile(profile: object, current = 'default'): CredentialSettings {
  const profiles = [{ name: 'other', accessKeyId: 'x', secretAccessKey: 'y' }, profile];
  replace('config.json', JSON.stringify({ current, profiles }));
  return { kind: 'shared-file', path: file('config.json') };
}
const profileOf = ({ accessKey, secretKey }: typeof OLD) => ({
  name: 'default',
  accessKeyId: accessKey,
  secretAccessKey: secretKey,
});

const FORMS = [
  ['files of single values', () => keyFiles(), () => void keyFiles(NEW)],
  [
    'a shared configuration file',
    () => sharedFile(profileOf(OLD)),
    () => void sharedFile(profileOf(NEW)),
  ],
] as const;

describe.each(FORMS)('keys in %s', (_what, write, rotate) => {
  test('that change are used within two checks, without a refused call', async () => {
    const { report, told } = listener();
    const client = clientOf(simulator.url, { credentials: write(), onCredentials: report });
    expect((await look(client)).kind).toBe('read');
    rotate();
    Object.assign(keys, OLD);
    jest.advanceTimersByTime(1_000);
    expect((await look(client)).kind).toBe('read');
    Object.assign(keys, NEW);
    jest.advanceTimersByTime(1_000);
    expect((await look(client)).kind).toBe('read');
    expect(sentKeys()).toEqual([OLD.accessKey, OLD.accessKey, NEW.accessKey]);
    expect(told).toEqual(['info: The credentials were read again from their files']);
  });

  test('are read again at once when the old ones are refused, and the call is made again', async () => {
    const client = clientOf(simulator.url, { credentials: write() });
    expect((await look(client)).kind).toBe('read');
    rotate();
    Object.assign(keys, NEW);
    expect(await look(client)).toMatchObject({ kind: 'again', error: { code: 'APIGW.0301' } });
    expect((await look(client)).kind).toBe('read');
  });

  test('go on when the file is gone, empty or half written, with one warning', async () => {
    const { report, told, fields } = listener();
    const client = clientOf(simulator.url, { credentials: write(), onCredentials: report });
    await look(client);
    const name = write().kind === 'shared-file' ? 'config.json' : 'sk';
    for (const spoil of [
      () => writeFileSync(file(name), ''),
      () => writeFileSync(file(name), '{"current": "def'),
      () => rmSync(file(name)),
    ]) {
      spoil();
      for (let check = 1; check <= 3; check += 1) {
        jest.advanceTimersByTime(1_000);
        expect((await look(client)).kind).toBe('read');
      }
    }
    expect(told).toEqual([
      'warn: The credentials’ files can’t be used; the last good ones stay in use',
    ]);
    expect(JSON.stringify(fields)).not.toContain('current');
    write();
    for (let check = 1; check <= 2; check += 1) {
      jest.advanceTimersByTime(1_000);
      await look(client);
    }
    expect(told.slice(1)).toEqual(['info: The credentials were read again from their files']);
  });

  test('close the breaker at once when they change', async () => {
    Object.assign(keys, NEW);
    const { report, told } = listener();
    const client = clientOf(simulator.url, { credentials: write(), onCredentials: report });
    for (let call = 1; call <= 4; call += 1) expect((await look(client)).kind).toBe('refused');
    expect(sentKeys().length).toBe(2);
    rotate();
    expect((await look(client)).kind).toBe('read');
    expect(told).toContain('info: The access key has changed; calls are sent again');
  });

  test('that were refused are no more so for an idle worker, once it asks for them again', async () => {
    Object.assign(keys, NEW);
    const client = clientOf(simulator.url, { credentials: write() });
    for (let call = 1; call <= 3; call += 1) await look(client);
    expect((await client.credentials.prepare(NEVER)).state).toBe('refused');
    rotate();
    expect((await client.credentials.prepare(NEVER)).state).toBe('untried');
  });
});

test('a key that was refused is not tried more often because the file goes back and forth', async () => {
  keys.secretKey = 'gateway-secret-CanaryOfTheTests';
  const client = clientOf(simulator.url, { credentials: keyFiles() });
  for (let turn = 1; turn <= 5; turn += 1) {
    for (const pair of [OLD, NEW]) {
      keyFiles(pair);
      for (let check = 1; check <= 3; check += 1) {
        jest.advanceTimersByTime(1_000);
        await look(client);
      }
    }
  }
  const sent = sentKeys();
  expect(sent.filter((key) => key === OLD.accessKey)).toHaveLength(2);
  expect(sent.filter((key) => key === NEW.accessKey)).toHaveLength(2);
});

test('files that are replaced one long after the other do no harm while the old key is valid', async () => {
  const { report, told } = listener();
  const client = clientOf(simulator.url, { credentials: keyFiles(), onCredentials: report });
  const lookAfterASecond = async () => {
    jest.advanceTimersByTime(1_000);
    return (await look(client)).kind;
  };
  expect((await look(client)).kind).toBe('read');
  replace('ak', NEW.accessKey);
  const kinds = [];
  for (let call = 1; call <= 6; call += 1) kinds.push(await lookAfterASecond());
  // The call that found the pair refused is made again by whoever asked.
  expect(kinds.toSorted()).toEqual(['again', 'read', 'read', 'read', 'read', 'read']);
  expect(sentKeys().filter((key) => key === NEW.accessKey)).toHaveLength(1);
  expect(told).toContain('warn: The new credentials are refused; the last good ones stay in use');
  expect(client.credentials.state().state).toBe('usable');

  replace('sk', NEW.secretKey);
  Object.assign(keys, NEW);
  for (let call = 1; call <= 3; call += 1) await lookAfterASecond();
  expect(await lookAfterASecond()).toBe('read');
  expect(sentKeys().at(-1)).toBe(NEW.accessKey);
});

test('new credentials that were refused are tried again once the old ones are refused too', async () => {
  const client = clientOf(simulator.url, { credentials: keyFiles() });
  await look(client);
  keyFiles(NEW);
  for (let call = 1; call <= 3; call += 1) {
    jest.advanceTimersByTime(1_000);
    await look(client);
  }
  expect(sentKeys().slice(-2)).toEqual([NEW.accessKey, OLD.accessKey]);
  Object.assign(keys, NEW);
  expect((await look(client)).kind).toBe('again');
  expect((await look(client)).kind).toBe('read');
});

test('a late answer to the old key does not bring it back once it was refused', async () => {
  const keyOf = (name: string): Credentials => ({ kind: 'ak-sk', accessKey: name, secretKey: 's' });
  let held = keyOf('FIRST');
  const files = { value: async () => held, check: async () => undefined };
  const source = watchedSource(files as unknown as WatchedFiles<Credentials>, 'files', () => {});
  const { headers } = createCredentialsProvider(source, () => {});
  const call = { method: 'GET', url: new URL('https://a.example/x'), projectId: 'p' } as const;
  const lease = async (): Promise<Lease> => {
    const given = await headers(call, NEVER);
    if (given.kind !== 'ready') throw new Error(given.error.message);
    return given;
  };
  const isOf = ({ headers: sent }: Lease, name: string) => JSON.stringify(sent).includes(name);
  const taken = { kind: 'accepted' } as const;
  const error = { code: 'APIGW.0301', httpStatus: 401, message: 'no' };
  const refused = { kind: 'refused', error } as const;

  await (await lease()).settle(taken);
  held = keyOf('SECOND');
  // Not known to the whole gateway yet.
  await (await lease()).settle(refused);
  const [one, two, late] = [await lease(), await lease(), await lease()];
  expect(isOf(late, 'FIRST')).toBe(true);
  await one.settle(refused);
  await two.settle(refused);
  const next = await lease();
  expect(isOf(next, 'SECOND')).toBe(true);
  await next.settle(taken);
  await late.settle(taken);
  expect(isOf(await lease(), 'SECOND')).toBe(true);
});

test('a file is looked at once a second at most', async () => {
  const client = clientOf(simulator.url, { credentials: keyFiles() });
  await look(client);
  rmSync(file('ak'));
  const { report, told } = listener();
  const other = clientOf(simulator.url, { credentials: keyFiles(), onCredentials: report });
  await look(other);
  rmSync(file('ak'));
  for (let call = 1; call <= 5; call += 1) await look(other);
  expect(told).toEqual([]);
});

test('an answer that echoes a key that was just replaced does not show it', async () => {
  const client = clientOf(simulator.url, { credentials: keyFiles() });
  await look(client);
  keyFiles(NEW);
  Object.assign(keys, NEW);
  await look(client);
  simulator.fault({
    operation: 'detail',
    kind: 'refuse',
    status: 400,
    code: 'ModelArts.0104',
    message: `Not for ${OLD.secretKey} nor ${NEW.secretKey}.`,
  });
  expect(await look(client)).toMatchObject({ error: { message: 'Not for *** nor ***.' } });
});

test('a token in a file is read again too', async () => {
  keys.tokens = ['first-token-value'];
  replace('token', 'first-token-value\n');
  const client = clientOf(simulator.url, {
    credentials: { kind: 'token-file', token: { file: file('token') } },
  });
  expect((await look(client)).kind).toBe('read');
  keys.tokens = ['second-token-value'];
  replace('token', 'second-token-value');
  expect((await look(client)).kind).toBe('again');
  expect((await look(client)).kind).toBe('read');
});

test('a refused call ends also where the file system stops to answer', async () => {
  let checks = 0;
  const files = {
    check: () => Promise.resolve(void (checks += 1)),
    value: () => new Promise<never>(() => undefined),
  } as unknown as WatchedFiles<Credentials>;
  const refreshing = watchedSource(files, 'files', listener().report).refresh({
    kind: 'ak-sk',
    ...OLD,
  });
  expect(await refreshing).toBe(false);
  expect(checks).toBe(1);
});
