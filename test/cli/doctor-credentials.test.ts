import { startSimulator, type Simulator } from '../../simulator/index.js';
import type { Finding } from '../../src/cli/output.js';
import { callCli } from './call-cli.js';
import type { Variables } from './cli-process.js';
import { openCliStage, type CliStage } from './cli-stage.js';

const iam = {
  users: [{ name: 'restarter', password: 'password-CanaryOfTheTests', domain: 'acme' }],
  projects: [{ id: '0123456789abcdef0123456789abcdef', name: 'cn-north-4' }],
};
let stage: CliStage;
let cloud: Simulator;
beforeAll(async () => {
  stage = await openCliStage();
  cloud = await startSimulator({ iam, authenticate: {} });
  cloud.addJob({ jobId: '10', status: 8 });
});
afterAll(async () => {
  await cloud.close();
  await stage.close();
});

const login = (password: string): Variables => {
  const { HW_PROJECT_ID: _, ...variables } = stage.variables;
  return {
    ...variables,
    HW_REGION_NAME: 'cn-north-4',
    MODELARTS_ENDPOINT: cloud.url,
    HW_AUTH_URL: `${cloud.url}/v3`,
    HW_USER_NAME: 'restarter',
    HW_USER_PASSWORD: password,
    HW_DOMAIN_NAME: 'acme',
  };
};
async function doctorWith(variables: Variables) {
  const { code, stdout } = await callCli(['doctor', '--json'], variables);
  return { code, findings: (JSON.parse(stdout) as { findings: Finding[] }).findings };
}

const credentialsOf = (findings: Finding[]) =>
  findings.find(({ check }) => check === 'credentials');

it('with an IAM login, finds the project by its name, and says until when the token is valid', async () => {
  const { code, findings } = await doctorWith(login('password-CanaryOfTheTests'));
  expect(code).toBe(0);
  expect(credentialsOf(findings)).toMatchObject({
    result: 'ok',
    message: expect.stringMatching(/^IAM login: may read 1 jobs, until 2\d{3}-/) as string,
  });
});

it('says that IAM has refused the login', async () => {
  const { code, findings } = await doctorWith(login('wrong-password-CanaryOfTheTests'));
  expect(code).toBe(1);
  expect(credentialsOf(findings)).toMatchObject({
    result: 'obstacle',
    message: expect.stringContaining('IAM refused the login: HTTP 401') as string,
  });
  expect(JSON.stringify(findings)).not.toContain('wrong-password-CanaryOfTheTests');
});

const PROJECT = '0123456789abcdef0123456789abcdef';

it.each([
  ['an IAM that does not answer', { HW_AUTH_URL: 'http://127.0.0.1:9/v3' }],
  [
    'the same, with the project known',
    { HW_AUTH_URL: 'http://127.0.0.1:9/v3', HW_PROJECT_ID: PROJECT },
  ],
])('fails without credentials: %s', async (_claim, variables) => {
  const all = { ...login('password-CanaryOfTheTests'), ...variables };
  const { code, findings } = await doctorWith(all);
  expect(code).toBe(1);
  expect(credentialsOf(findings)).toMatchObject({
    result: 'obstacle',
    message: expect.stringContaining('no token from IAM') as string,
    todo: expect.stringContaining('check the settings of the credentials') as string,
  });
});

it('says that the gateway has locked the access key, and what to do, by one call', async () => {
  const keys = { accessKey: 'LOCKEDACCESSKEY00001', secretKey: 'secret-key-CanaryOfTheTests' };
  const gateway = await startSimulator({ authenticate: keys });
  const forged = `SDK-HMAC-SHA256 Access=${keys.accessKey}, SignedHeaders=host, Signature=00`;
  const list = `${gateway.url}/v1/${PROJECT}/visualization-jobs`;
  for (let call = 1; call <= 6; call += 1)
    await fetch(list, { headers: { authorization: forged } });
  const before = gateway.requests().length;
  const { code, findings } = await doctorWith({
    ...stage.variables,
    MODELARTS_ENDPOINT: gateway.url,
    HW_PROJECT_ID: PROJECT,
    HW_ACCESS_KEY: keys.accessKey,
    HW_SECRET_KEY: keys.secretKey,
  });
  const signed = gateway
    .requests()
    .slice(before)
    .filter(({ operation }) => operation !== 'other');
  await gateway.close();
  expect(code).toBe(1);
  expect(credentialsOf(findings)).toMatchObject({
    result: 'obstacle',
    message: expect.stringContaining('AK access failed to reach the limit, forbidden') as string,
    todo: expect.stringContaining('the key is locked for 5 minutes') as string,
  });
  expect(signed).toHaveLength(1);
});

describe('with an access key', () => {
  const keys = { accessKey: 'SLOWCLOCKACCESSKEY01', secretKey: 'secret-key-CanaryOfTheTests' };
  let gateway: Simulator;
  let clock: { clockAheadMs: number };
  beforeEach(async () => {
    clock = { clockAheadMs: 20 * 60_000 };
    gateway = await startSimulator({ authenticate: Object.assign(clock, keys) });
    gateway.addJob({ jobId: '10', status: 8 });
  });
  afterEach(() => gateway.close());
  const variables = (): Variables => ({
    ...stage.variables,
    MODELARTS_ENDPOINT: gateway.url,
    HW_PROJECT_ID: gateway.projectId,
    HW_ACCESS_KEY: keys.accessKey,
    HW_SECRET_KEY: keys.secretKey,
  });
  const outcomes = () => gateway.requests().map(({ outcome }) => outcome);

  it('and a clock that is 20 minutes slow, doctor and status read by the gateway’s', async () => {
    expect(credentialsOf((await doctorWith(variables())).findings)).toMatchObject({ result: 'ok' });
    expect(outcomes().slice(-2)).toEqual([401, 200]);
    const { stdout } = await callCli(['status', '10'], variables());
    expect(stdout).toContain('RUNNING');
    expect(outcomes().slice(-2)).toEqual([401, 200]);
  });

  it('doctor tells the gateway’s own words where it is throttled, by one call', async () => {
    clock.clockAheadMs = 0;
    const throttle = gateway.fault({ operation: 'list', kind: 'throttle', text: 'Slow down.' });
    const { findings } = await doctorWith(variables());
    expect(credentialsOf(findings)?.message).toContain('Slow down.');
    const lists = gateway.requests().filter(({ operation }) => operation === 'list');
    expect([throttle.fired, lists.length]).toEqual([1, 1]);
  });

  it('and such a clock, doctor fails without the right to read jobs', async () => {
    for (const operation of ['list', 'detail'] as const) {
      const refusal = { status: 403, code: 'ModelArts.0108', message: 'no right' };
      gateway.fault({ operation, kind: 'refuse', ...refusal, times: Infinity });
    }
    const { code, findings } = await doctorWith(variables());
    expect(code).toBe(1);
    expect(credentialsOf(findings)).toMatchObject({ result: 'obstacle' });
  });
});
