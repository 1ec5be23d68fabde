import { createHash, createHmac } from 'node:crypto';
import { startSimulator, type AuthenticateOptions } from '../../simulator/index.js';
import { verifySignature } from '../../simulator/verify-signature.js';
import { call } from './support/client.js';

const VECTORS = [
  {
    name: 'the signing guide’s example',
    method: 'GET',
    target:
      '/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0',
    headers: {
      'content-type': 'application/json',
      host: 'service.region.example.com',
      'x-sdk-date': '20191115T033655Z',
      authorization:
        'SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe',
    },
    keys: {
      accessKey: 'QTWAOYTTINDUT2QVKYUC',
      secretKey: 'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc',
    },
    now: Date.UTC(2019, 10, 15, 3, 36, 55),
  },
  {
    name: 'a repeated and an encoded query (npm SDK)',
    method: 'GET',
    target: '/v2/tasks/t1/defects-summary?tags=z&name=a%20b%2Fc&limit=10&tags=a',
    headers: {
      'content-type': 'application/json',
      host: 'codearts.cn-north-4.myhuaweicloud.com',
      'x-sdk-date': '20260911T115411Z',
      authorization:
        'SDK-HMAC-SHA256 Access=ZIRRKMTWPABCDEFGH1WKNKB, SignedHeaders=content-type;host;x-sdk-date, Signature=219d6ad1321f93bf768f08ae29eed0d8f94fce38346821779bc803d40d7d3ee1',
    },
    keys: { accessKey: 'ZIRRKMTWPABCDEFGH1WKNKB', secretKey: 'Us0mdMNHkABCDEFGHYrRCnW0ecfzl' },
    now: Date.UTC(2026, 8, 11, 11, 54, 11),
  },
];

describe.each(VECTORS)('verifying $name', ({ keys, now, ...request }) => {
  const signed = { ...request, body: '' };
  const minutes = (n: number) => now + n * 60_000;

  test('accepts it within 15 minutes either way and not beyond', () => {
    expect(verifySignature(signed, keys, minutes(15))).toBeUndefined();
    expect(verifySignature(signed, keys, minutes(-15))).toBeUndefined();
    expect(verifySignature(signed, keys, minutes(15.1))).toContain('signature expired');
    expect(verifySignature(signed, keys, minutes(-15.1))).toContain('signature expired');
  });

  test('refuses it with anything changed', () => {
    const fail = 'verify aksk signature fail';
    const other = { ...signed.headers, host: 'evil.example.com' };
    expect(verifySignature({ ...signed, method: 'POST' }, keys, now)).toBe(fail);
    expect(verifySignature({ ...signed, target: `${signed.target}1` }, keys, now)).toBe(fail);
    expect(verifySignature({ ...signed, body: 'x' }, keys, now)).toBe(fail);
    expect(verifySignature({ ...signed, headers: other }, keys, now)).toBe(fail);
    expect(verifySignature(signed, { ...keys, secretKey: 'x' }, now)).toBe(fail);
    expect(verifySignature(signed, { ...keys, accessKey: 'x' }, now)).toContain('ak not exist');
  });
});

const KEYS = { accessKey: 'EXAMPLEACCESSKEY0001', secretKey: 'ExampleSecretKeyCanaryOfTheTests' };

/** Runs a detail call of job 10; `sign` makes the headers out of host and path. */
async function detail(
  authenticate: AuthenticateOptions,
  headersFor: (host: string, path: string) => Record<string, string>,
): Promise<string> {
  const simulator = await startSimulator({ authenticate });
  try {
    simulator.addJob({ jobId: '10', status: 8 });
    const path = `/v1/${simulator.projectId}/visualization-jobs/10`;
    const headers = headersFor(new URL(simulator.url).host, path);
    const { status, text } = await call(simulator, '/10', { headers });
    expect(simulator.requests()).toMatchObject([{ outcome: status, headers }]);
    return status === 200 ? '200' : `${status} ${text}`;
  } finally {
    await simulator.close();
  }
}

function signed(extra: Record<string, string> = {}, without: string[] = []) {
  return (host: string, path: string): Record<string, string> => {
    const date = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
    const headers: Record<string, string> = { host, 'x-sdk-date': date, ...extra };
    const names = Object.keys(headers)
      .filter((name) => !without.includes(name))
      .sort();
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
    const canonical = `GET\n${path}/\n\n${lines}\n${names.join(';')}\n${hash('')}`;
    const signature = createHmac('sha256', KEYS.secretKey)
      .update(`SDK-HMAC-SHA256\n${date}\n${hash(canonical)}`)
      .digest('hex');
    delete headers['host'];
    const authorization = `SDK-HMAC-SHA256 Access=${KEYS.accessKey}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
    return { ...headers, authorization };
  };
}

test('lets a signed request pass over HTTP', async () => {
  expect(await detail(KEYS, signed())).toBe('200');
  expect(await detail(KEYS, signed({ 'x-project-id': 'p' }))).toBe('200');
});

test('refuses a signature that leaves out the host, or is made with another key', async () => {
  const refusal = /^401 .*APIGW\.0301.*Incorrect IAM.*: verify aksk signature fail/;
  expect(await detail(KEYS, signed({}, ['host']))).toMatch(refusal);
  expect(await detail({ ...KEYS, secretKey: 'other' }, signed())).toMatch(refusal);
});

test('wants the security token of temporary keys, and wants it signed', async () => {
  const keys = { ...KEYS, securityToken: 'sts' };
  const header = { 'x-security-token': 'sts' };
  expect(await detail(keys, signed(header))).toBe('200');
  expect(await detail(keys, signed())).toContain('verify aksk signature fail');
  expect(await detail(keys, signed(header, Object.keys(header)))).toContain('aksk signature fail');
  expect(await detail(keys, signed({ 'x-security-token': 'no' }))).toContain('aksk signature fail');
});

test('lets known tokens pass and refuses others, and who brings nothing', async () => {
  const tokens = { tokens: ['good'] };
  expect(await detail(tokens, () => ({ 'x-auth-token': 'good' }))).toBe('200');
  expect(await detail(tokens, () => ({ 'x-auth-token': 'bad' }))).toContain('decrypt token fail');
  expect(await detail(KEYS, () => ({ 'x-auth-token': 'good' }))).toContain('decrypt token fail');
  expect(await detail(tokens, () => ({}))).toMatch(/^401 .*APIGW\.0301.*x-auth-token not found/);
});
