import { type IamOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import { Iam } from '../../simulator/iam.js';
import { call } from './support/client.js';

const PROJECT = { id: '0123456789abcdef0123456789abcdef', name: 'cn-north-4' };
const OPTIONS: IamOptions = {
  users: [{ name: 'user', password: 'word', domain: 'acme' }],
  projects: [PROJECT],
};
const MINUTE = 60_000;

const body = (password: string, project: object = { name: PROJECT.name }): string => {
  const user = { name: 'user', password, domain: { name: 'acme' } };
  return JSON.stringify({
    auth: { identity: { methods: ['password'], password: { user } }, scope: { project } },
  });
};

test('gives a token in a header, with its end and its project in the body', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const iam = new Iam({ ...OPTIONS, tokenBytes: 30_000 });
  const { status, headers, body: text } = iam.login(body('word'), now);
  expect(status).toBe(201);
  expect(headers?.['x-subject-token']).toHaveLength(30_000);
  expect(JSON.parse(text)).toMatchObject({
    token: { expires_at: '2026-01-03T03:04:05.000000Z', project: PROJECT },
  });
  expect(iam.login(body('word', { id: PROJECT.id }), now).status).toBe(201);
  expect(iam.login(body('word', { name: 'other' }), now).status).toBe(403);
});

test('locks an account for 15 minutes after five wrong passwords in a row', () => {
  const iam = new Iam(OPTIONS);
  const statusOf = (password: string, now: number) => iam.login(body(password), now);
  for (let i = 1; i <= 4; i += 1) expect(statusOf('wrong', 0).status).toBe(401);
  expect(statusOf('word', 0).status).toBe(201);
  for (let i = 1; i <= 5; i += 1) statusOf('wrong', 0);
  expect(statusOf('word', 15 * MINUTE - 1).body).toContain('The account is locked');
  expect(statusOf('word', 15 * MINUTE).status).toBe(201);
});

describe('over HTTP', () => {
  let simulator: Simulator;
  beforeEach(async () => {
    const iam = { ...OPTIONS, tokenLifetimeMs: 300 };
    simulator = await startSimulator({ iam, authenticate: {} });
    simulator.addJob({ jobId: '10', status: 8 });
  });
  afterEach(() => simulator.close());

  const login = () =>
    fetch(`${simulator.url}/v3/auth/tokens?nocatalog=1`, { method: 'POST', body: body('word') });

  test('its tokens are taken by the gateway until they end', async () => {
    const headers = { 'x-auth-token': (await login()).headers.get('x-subject-token') ?? '' };
    expect((await call(simulator, '/10', { headers })).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 350));
    const { status, text } = await call(simulator, '/10', { headers });
    expect([status, text]).toEqual([401, expect.stringContaining('APIGW.0307')]);
    expect(simulator.requests({ operation: 'login' })).toMatchObject([{ outcome: 201 }]);
  });

  test('faults strike logins too', async () => {
    const fault = simulator.fault({
      operation: 'login',
      kind: 'status',
      status: 503,
      when: 'before',
    });
    expect((await login()).status).toBe(503);
    expect(fault.fired).toBe(1);
    expect((await login()).status).toBe(201);
  });

  test('projects are told to who is authenticated', async () => {
    const url = `${simulator.url}/v3/projects?name=${PROJECT.name}`;
    expect((await fetch(url)).status).toBe(401);
    const headers = { 'x-auth-token': (await login()).headers.get('x-subject-token') ?? '' };
    expect(await (await fetch(url, { headers })).json()).toMatchObject({ projects: [PROJECT] });
  });

  test('without IAM, the simulator has no such call', async () => {
    const bare = await startSimulator();
    try {
      const url = `${bare.url}/v3/auth/tokens`;
      expect((await fetch(url, { method: 'POST', body: body('word') })).status).toBe(404);
    } finally {
      await bare.close();
    }
  });
});
