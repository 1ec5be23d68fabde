import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type IamOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import type { CredentialSettings, ModelArtsClient } from '../../src/modelarts/client.js';
import { clientOf, closeAll, onClose, PROJECT } from './scripted-client.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PASSWORD = 'a-password-not-real';

let simulator: Simulator;
let iam: IamOptions;

beforeEach(async () => {
  stopClocks();
  iam = {
    users: [{ name: 'restarter', password: PASSWORD, domain: 'acme' }],
    projects: [{ id: PROJECT, name: 'cn-north-4' }],
  };
  simulator = await startSimulator({ iam, authenticate: {} });
  onClose(() => simulator.close());
  for (let id = 1; id <= 50; id += 1) simulator.addJob({ jobId: String(id), status: 12 });
});
afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const login = (more: object = {}): CredentialSettings => ({
  kind: 'login',
  authUrl: simulator.url,
  userName: 'restarter',
  password: { value: PASSWORD },
  domainName: 'acme',
  project: { name: 'cn-north-4' },
  ...more,
});
const job = (id = 1) => ({ projectId: PROJECT, jobId: String(id) });
const logins = (): number => simulator.requests({ operation: 'login' }).length;
const fifty = (client: ModelArtsClient) =>
  Promise.all(Array.from({ length: 50 }, (_, i) => client.detail(job(i + 1))));
const kindsOf = (answers: readonly { kind: string }[]): string[] => [
  ...new Set(answers.map(({ kind }) => kind)),
];

describe('a login', () => {
  test('is made once for all calls that wait for its token', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    expect(kindsOf(await fifty(client))).toEqual(['read']);
    expect(await client.restart(job())).toEqual({ kind: 'accepted' });
    expect(logins()).toBe(1);
    expect(simulator.requests({ operation: 'login' })[0]).toMatchObject({
      path: '/v3/auth/tokens?nocatalog=1',
    });
    expect(client.credentials.state()).toMatchObject({ state: 'usable' });
    const { expiresAtMs = 0 } = client.credentials.state();
    expect(Math.abs(expiresAtMs - (Date.now() + 24 * HOUR))).toBeLessThan(MINUTE);
  });

  test.each([
    [{ name: 'cn-north-4' }, { name: 'cn-north-4' }],
    [{ id: PROJECT }, { id: PROJECT }],
  ])('is for the project %j, and tells its id', async (project, scope) => {
    const client = clientOf(simulator.url, { credentials: login({ project }) });
    expect(await client.defaultProject()).toEqual({ kind: 'known', projectId: PROJECT });
    const [sent] = simulator.requests({ operation: 'login' });
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ auth: { scope: { project: scope } } });
  });

  test('works with a token that is longer than Node’s limit of a head', async () => {
    iam.tokenBytes = 40_000;
    const client = clientOf(simulator.url, { credentials: login() });
    expect((await client.detail(job())).kind).toBe('read');
    const [look] = simulator.requests({ operation: 'detail' });
    expect(look?.headers['x-auth-token']?.length).toBe(40_000);
  });

  test('is made again ahead of the token’s end, while calls go on with the old one', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    await client.detail(job());
    jest.advanceTimersByTime(19 * HOUR);
    await client.detail(job());
    expect(logins()).toBe(1);
    jest.advanceTimersByTime(3 * HOUR);
    const fault = simulator.fault({ operation: 'login', kind: 'delay', ms: 200 });
    expect(kindsOf(await fifty(client))).toEqual(['read']);
    expect(fault.fired).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await client.detail(job());
    expect(logins()).toBe(2);
    const tokens = simulator
      .requests({ operation: 'detail' })
      .map(({ headers }) => headers['x-auth-token']);
    expect(new Set(tokens).size).toBe(2);
    expect(tokens.at(-1)).not.toBe(tokens[0]);
  });
});

describe('a token that is refused', () => {
  test('is renewed once for all calls, which are made again', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    await client.detail(job());
    simulator.endCredentials();
    const answers = await fifty(client);
    expect(kindsOf(answers).filter((kind) => kind !== 'read')).toEqual(['again']);
    expect(await client.restart(job())).toEqual({ kind: 'accepted' });
    expect(kindsOf(await fifty(client))).toEqual(['read']);
    expect(logins()).toBe(2);
  });

  test('at a restart, leaves the restart as not sent', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    await client.detail(job());
    simulator.endCredentials();
    expect(await client.restart(job())).toMatchObject({
      kind: 'not-sent',
      error: { code: 'APIGW.0307' },
    });
    expect(simulator.acceptedRestarts('1')).toBe(0);
  });

  test('right after it was renewed is a refusal, and is not renewed at each call', async () => {
    const client = clientOf(simulator.url, { credentials: login() });
    const fault = simulator.fault({
      operation: 'detail',
      kind: 'refuse',
      times: Infinity,
      status: 401,
      code: 'ModelArts.0202',
      message: 'The token has expired.',
    });
    expect((await client.detail(job())).kind).toBe('again');
    for (let call = 1; call <= 20; call += 1) {
      expect(await client.detail(job())).toMatchObject({
        kind: 'refused',
        error: { code: 'ModelArts.0202' },
      });
    }
    expect(fault.fired).toBe(21);
    expect(logins()).toBe(2);
    expect(client.credentials.state().state).toBe('refused');
  });
});

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
      'warn: Credentials can’t be renewed now; it is tried again',
      'info: Credentials are renewed again',
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
    const credentials = login({ password: { value: 'a-wrong-password' } });
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
    expect(told).toEqual([
      'warn: Credentials are refused; they are not asked for again for 15 minutes',
    ]);
    expect(JSON.stringify([answers, fields])).not.toContain('a-wrong-password');
    jest.advanceTimersByTime(2 * MINUTE);
    await client.detail(job());
    expect(logins()).toBe(2);
  });

  test('is repeated once the password’s file has changed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'password-'));
    onClose(async () => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'password');
    writeFileSync(file, 'a-wrong-password\n');
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

test('a password or a token that is echoed is not shown, also after many renewals', async () => {
  const client = clientOf(simulator.url, { credentials: login() });
  await client.detail(job());
  while (logins() < 12) {
    simulator.endCredentials();
    await client.detail(job());
    await client.detail(job());
  }
  simulator.clear();
  await client.detail(job());
  const [look] = simulator.requests({ operation: 'detail' });
  const token = look?.headers['x-auth-token'] ?? '';
  const message = `got ${token} and ${PASSWORD}, sorry`;
  const echo = { operation: 'detail', kind: 'refuse', status: 400, code: 'X.1', message } as const;
  const fault = simulator.fault(echo);
  const answer = await client.detail(job());
  expect(fault.fired).toBe(1);
  expect(JSON.stringify(answer)).not.toContain(PASSWORD);
  expect(JSON.stringify(answer)).not.toContain(token.slice(0, 40));
});
