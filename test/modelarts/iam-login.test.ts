import { type Cloud, fifty, job, kindsOf, PASSWORD, startCloud } from './iam-cloud.js';
import { clientOf, closeAll, PROJECT } from './scripted-client.js';
import { stopClocks } from './stopped-clocks.js';

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
  jest.restoreAllMocks();
  jest.useRealTimers();
  await closeAll();
});

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

  test.each([
    ['four fifths', 0, 0.8],
    ['nearly nine tenths', 0.999, 0.8999],
  ])(
    'is made again after %s of the token’s life, where chance is %d',
    async (_what, chance, share) => {
      jest.spyOn(Math, 'random').mockReturnValue(chance);
      const client = clientOf(simulator.url, { credentials: login() });
      await client.detail(job());
      const dueAt = Date.now() + share * 24 * HOUR;
      jest.advanceTimersByTime(dueAt - Date.now() - 1_000);
      await fifty(client);
      expect(logins()).toBe(1);
      jest.advanceTimersByTime(2_000);
      await fifty(client);
      for (let nth = 1; nth <= 500 && logins() === 1; nth += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const [, renewal] = simulator.requests({ operation: 'login' });
      expect(renewal?.at).toBe(Date.now());
    },
  );
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

  test.each([
    ['a 401 without a code', { kind: 'raw', status: 401, body: '{}', carriedOut: false }],
    ['APIGW.0307', { kind: 'refuse', status: 401, code: 'APIGW.0307', message: 'Renew it.' }],
    ['ModelArts.0202', { kind: 'refuse', status: 401, code: 'ModelArts.0202', message: 'Ended.' }],
    ['ModelArts.0204', { kind: 'refuse', status: 401, code: 'ModelArts.0204', message: 'Bad.' }],
  ] as const)('by %s is renewed once, and the call is answered then', async (_what, refusal) => {
    const client = clientOf(simulator.url, { credentials: login() });
    await client.detail(job());
    const look = simulator.fault({ operation: 'detail', ...refusal });
    expect((await client.detail(job())).kind).toBe('again');
    expect(client.credentials.state().state).not.toBe('refused');
    expect(kindsOf(await fifty(client))).toEqual(['read']);
    expect([look.fired, logins()]).toEqual([1, 2]);
    const request = simulator.fault({ operation: 'restart', ...refusal });
    expect((await client.restart(job())).kind).toBe('not-sent');
    expect(await client.restart(job())).toEqual({ kind: 'accepted' });
    expect([request.fired, logins()]).toEqual([1, 3]);
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

test('a password or a token that is echoed is not shown, also after many renewals', async () => {
  const client = clientOf(simulator.url, { credentials: login() });
  await client.detail(job());
  for (let renewal = 1; renewal <= 11; renewal += 1) {
    simulator.endCredentials();
    await client.detail(job());
    await client.detail(job());
  }
  expect(logins()).toBe(12);
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
