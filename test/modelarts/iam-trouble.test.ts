import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SecretBook } from '../../src/modelarts/credentials-source.js';
import { renewedSource } from '../../src/modelarts/renewed-source.js';
import { type Cloud, fifty, job, kindsOf, PASSWORD, startCloud } from './iam-cloud.js';
import { clientOf, closeAll, onClose } from './scripted-client.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let simulator: Cloud['simulator'];
let iam: Cloud['iam'];
let login: Cloud['login'];
let logins: Cloud['logins'];

beforeEach(async () => {
  stopClocks();
  ({ simulator, iam, login, logins } = await startCloud());
});
afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

function passwordFile(content: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'password-'));
  onClose(async () => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'password');
  writeFileSync(file, content);
  return file;
}

describe('an IAM that hiccups', () => {
  test.each([
    ['503', { kind: 'html', status: 503, carriedOut: false }, 'no token from IAM: HTTP 503'],
    ['429', { kind: 'throttle', retryAfter: 1 }, 'no token from IAM: HTTP 429'],
    ['a reset', { kind: 'request-lost' }, 'no token from IAM: connection '],
    ['a timeout', { kind: 'hang' }, 'no token from IAM: no whole answer'],
  ] as const)('(%s) ends nothing', async (_what, fault, words) => {
    const { report, told } = listener();
    const client = clientOf(simulator.url, {
      credentials: login(),
      requestTimeoutMs: 600,
      onCredentials: report,
    });
    const handle = simulator.fault({ operation: 'login', ...fault });
    const restart = client.restart(job(), { sendBy: Date.now() + 5_000 });
    expect(await restart).toMatchObject({
      kind: 'not-sent',
      error: { message: expect.stringContaining(words) as string },
    });
    expect((await client.detail(job())).kind).toBe('again');
    expect([handle.fired, logins()]).toEqual([1, 1]);
    jest.advanceTimersByTime(2_000);
    expect((await client.detail(job())).kind).toBe('read');
    expect(told).toEqual([
      'warn: Credentials can’t be fetched now; the worker tries again',
      'info: Credentials can be fetched again',
    ]);
  });

  test('leaves the old token in use as long as it is valid', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    await client.detail(job());
    const fault = simulator.fault({
      operation: 'login',
      kind: 'html',
      status: 502,
      carriedOut: false,
      times: Infinity,
    });
    jest.advanceTimersByTime(23 * HOUR);
    expect(kindsOf(await fifty(client))).toEqual(['read']);
    expect(fault.fired).toBe(1);
    jest.advanceTimersByTime(HOUR);
    expect((await client.detail(job())).kind).toBe('again');
  });

  test('sends nothing late: a restart whose time is over is not sent', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    const fault = simulator.fault({ operation: 'login', kind: 'delay', ms: 300 });
    expect(await client.restart(job(), { sendBy: Date.now() + 100 })).toEqual({
      kind: 'not-sent',
      error: { message: 'no credentials in time (login)' },
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(fault.fired).toBe(1);
    expect(simulator.requests({ operation: 'restart' })).toEqual([]);
  });
});

test('a login that is under way ends with its client, without a warning', async () => {
  const { report, told } = listener();
  const client = clientOf(simulator.url, { credentials: login(), onCredentials: report });
  const fault = simulator.fault({ operation: 'login', kind: 'hang' });
  const preparing = client.credentials.prepare(AbortSignal.timeout(10_000));
  while (fault.fired === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await client.close();
  expect(await preparing).toMatchObject({ state: 'missing' });
  expect(told).toEqual([]);
});

describe('a login that IAM refuses', () => {
  test('is not repeated for 15 minutes, and ends calls as refused', async () => {
    const { report, told, fields } = listener();
    const credentials = login({ password: { value: 'wrong-password-CanaryOfTheTests' } });
    const client = clientOf(simulator.url, { credentials, onCredentials: report });
    const answers = await fifty(client);
    jest.advanceTimersByTime(14 * MINUTE);
    answers.push(...(await fifty(client)));
    expect(kindsOf(answers)).toEqual(['refused']);
    expect(await client.restart(job())).toMatchObject({
      kind: 'refused',
      error: {
        httpStatus: 401,
        message: expect.stringMatching(
          /^not tried again before \S+: IAM refused the login: HTTP 401: The username or password is wrong\.$/,
        ) as string,
      },
    });
    expect(logins()).toBe(1);
    expect(told).toEqual(['warn: IAM refuses the login; it is not tried again for 15 minutes']);
    expect(JSON.stringify([answers, fields])).not.toContain('wrong-password-CanaryOfTheTests');
    jest.advanceTimersByTime(2 * MINUTE);
    await client.detail(job());
    expect(logins()).toBe(2);
  });

  test('is repeated once the password’s file has changed', async () => {
    const file = passwordFile('a-wrong-password\n');
    const client = clientOf(simulator.url, { credentials: login({ password: { file } }) });
    expect((await client.detail(job())).kind).toBe('refused');
    writeFileSync(file, `${PASSWORD}\n`);
    for (let check = 1; check <= 2; check += 1) {
      jest.advanceTimersByTime(1_000);
      await client.detail(job());
    }
    expect((await client.detail(job())).kind).toBe('read');
    expect(logins()).toBe(2);
  });

  test('is made with the password that its refusal is remembered with', async () => {
    const passwords = ['old', 'new', 'new', 'new'];
    const tried: unknown[] = [];
    const source = renewedSource({
      from: 'login',
      fetch: (password) => {
        tried.push(password);
        return Promise.resolve({ kind: 'refused', error: { message: 'no' } });
      },
      settings: () => Promise.resolve(passwords.shift()),
      renewAfterMs: () => HOUR,
      secrets: new SecretBook(),
      report: () => undefined,
      tellsProject: false,
      close: () => Promise.resolve(),
    });
    for (let call = 1; call <= 3; call += 1) {
      expect(await source.current(AbortSignal.timeout(10_000))).toMatchObject({ kind: 'refused' });
    }
    expect(tried).toEqual(['old', 'new']);
  });

  test('is forgotten once another password is taken, also where no call is made', async () => {
    const file = passwordFile('a-wrong-password\n');
    const client = clientOf(simulator.url, { credentials: login({ password: { file } }) });
    const prepare = () => client.credentials.prepare(AbortSignal.timeout(10_000));
    expect((await prepare()).state).toBe('refused');
    writeFileSync(file, `${PASSWORD}\n`);
    for (let check = 1; check <= 2; check += 1) {
      jest.advanceTimersByTime(1_000);
      await prepare();
    }
    expect(client.credentials.state()).toMatchObject({ state: 'untried' });
    expect(client.credentials.state()).not.toHaveProperty('lastError');
    expect(logins()).toBe(2);
  });

  test('ends nothing as long as the old token is valid', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    await client.detail(job());
    iam.users = [];
    jest.advanceTimersByTime(23 * HOUR);
    expect(kindsOf(await fifty(client))).toEqual(['read']);
    expect(logins()).toBe(2);
    expect((await client.detail(job())).kind).toBe('read');
  });
});
