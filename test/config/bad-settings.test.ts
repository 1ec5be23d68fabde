import { readSettings } from '../../src/config.js';
import { SettingsError } from '../../src/environment.js';

type Environment = Record<string, string>;

const GOOD = { HW_REGION_NAME: 'cn-north-4', HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk' };

const NO_CREDENTIALS = expect.stringMatching(
  /^no credentials: .*HW_ACCESS_KEY and HW_SECRET_KEY, or HW_AUTH_TOKEN/,
) as string;

function refusalOf(environment: Environment): SettingsError {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('The settings were taken');
}

test('nothing at all: both what is missing in one message', () => {
  const { message, problems } = refusalOf({});
  expect(problems).toEqual([
    expect.stringMatching(/^no endpoint: .*HW_REGION_NAME/),
    NO_CREDENTIALS,
  ]);
  expect(message).toBe(`Bad settings:\n  - ${problems[0]}\n  - ${problems[1]}`);
});

test.each([
  ['HW_REGION_NAME', 'CN-North-4'],
  ['HW_REGION_NAME', 'cn-north-4.evil.com/'],
  ['HW_REGION_NAME', 'cn north 4'],
  ['HW_PROJECT_ID', 'mine'],
  ['HW_PROJECT_ID', 'A'.repeat(32)],
  ['HUAWEICLOUD_SDK_PROJECT_ID', 'a'.repeat(33)],
  ['TEMPORAL_CONNECT_TIMEOUT', '60'],
  ['TEMPORAL_CONNECT_TIMEOUT', '25h'],
  ['TEMPORAL_CONNECT_TIMEOUT', '-1s'],
  ['TEMPORAL_WORKER_BUILD_ID', '__unversioned__'],
  ['TEMPORAL_WORKER_BUILD_ID', 'v'.repeat(256)],
  ['MODELARTS_REQUEST_TIMEOUT', '20'],
  ['MODELARTS_REQUEST_TIMEOUT', '99ms'],
  ['MODELARTS_REQUEST_TIMEOUT', '301s'],
  ['MODELARTS_REQUEST_TIMEOUT', '1 year'],
  ['MODELARTS_WAIT_SLOTS', '0'],
  ['MODELARTS_RATE_LIMIT', '200'],
  ['MODELARTS_RATE_LIMIT', '0/5m'],
  ['MODELARTS_RATE_LIMIT', '200/5'],
  ['MODELARTS_RATE_LIMIT', '200/5m,'],
  ['WORKFLOW_CACHE_SIZE', '9'],
  ['WORKFLOW_CACHE_SIZE', '10001'],
  ['WORKFLOW_CACHE_SIZE', '1e3'],
  ['WORKFLOW_CACHE_SIZE', '50.5'],
  ['WORKFLOW_CACHE_SIZE', '-50'],
  ['LOG_LEVEL', 'INFO'],
  ['LOG_LEVEL', 'silent'],
  ['MODELARTS_ALLOWED_PROJECTS', 'mine'],
  ['MODELARTS_ALLOWED_PROJECTS', `${'a'.repeat(32)},`],
  ['MODELARTS_ALLOW_STOP', 'no'],
  ['METRICS_ADDRESS', '9464'],
  ['METRICS_ADDRESS', ':9464'],
  ['METRICS_ADDRESS', 'localhost:65536'],
  ['HEALTH_ADDRESS', '::1:8080'],
  ['HEALTH_ADDRESS', 'http://localhost:8080'],
  ['HW_ACCESS_KEY', 'a k'],
  ['HW_SECRET_KEY', 'sk\n'],
  ['HW_SECURITY_TOKEN', 'sécurité'],
  ['HUAWEICLOUD_SDK_SECURITY_TOKEN', 's t'],
  ['HW_AUTH_TOKEN', 'to\r\nken'],
  ['MODELARTS_ENDPOINT', 'ma.example.com'],
  ['MODELARTS_ENDPOINT', 'http://ma.example.com'],
  ['MODELARTS_ENDPOINT', 'http://10.0.0.1'],
  ['MODELARTS_ENDPOINT', 'http://localhost.example.com'],
  ['MODELARTS_ENDPOINT', 'http://127.0.0.1.example.com'],
  ['MODELARTS_ENDPOINT', 'ftp://localhost'],
  ['MODELARTS_ENDPOINT', 'https://ma.example.com/v1'],
  ['MODELARTS_ENDPOINT', 'https://ma.example.com?x=1'],
  ['MODELARTS_ENDPOINT', 'https://me@ma.example.com'],
  ['MODELARTS_ENDPOINT', 'https://:word@ma.example.com'],
])('%s=%j is one problem, which begins with the name', (name, value) => {
  const { problems } = refusalOf({ ...GOOD, [name]: value });
  expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} (must|holds) `))]);
});

test('a duration’s problem says what it must be and what it is', () => {
  expect(refusalOf({ ...GOOD, MODELARTS_REQUEST_TIMEOUT: '6m' }).problems).toEqual([
    'MODELARTS_REQUEST_TIMEOUT must be a duration of 100ms–5m, such as "20s"; got "6m"',
  ]);
});

test.each(['rest.arts', 'rest:arts', '__restarts'])(
  'the deployment name %s is one problem, which begins with the variable',
  (name) => {
    const version = { TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: 'v1' };
    const begins = expect.stringMatching(/^TEMPORAL_DEPLOYMENT_NAME must .*; got "/) as string;
    expect(refusalOf({ ...GOOD, ...version }).problems).toEqual([begins]);
  },
);

test('a deployment name without a build id would have no effect, and is a problem', () => {
  expect(refusalOf({ ...GOOD, TEMPORAL_DEPLOYMENT_NAME: 'restarts' }).problems).toEqual([
    expect.stringMatching(/^TEMPORAL_DEPLOYMENT_NAME needs a TEMPORAL_WORKER_BUILD_ID/),
  ]);
});

test.each([
  [{ HW_ACCESS_KEY: 'ak' }, 'HW_SECRET_KEY is missing: HW_ACCESS_KEY is set'],
  [{ HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: '' }, 'HW_SECRET_KEY is missing: HW_ACCESS_KEY is set'],
  [{ HW_SECRET_KEY: 'sk' }, 'HW_ACCESS_KEY is missing: HW_SECRET_KEY is set'],
  [{ HUAWEICLOUD_SDK_AK: 'ak' }, 'HW_SECRET_KEY is missing: HUAWEICLOUD_SDK_AK is set'],
  [{ HUAWEICLOUD_SDK_SK: 'sk' }, 'HW_ACCESS_KEY is missing: HUAWEICLOUD_SDK_SK is set'],
  [{ HW_AUTH_TOKEN: 't', HW_ACCESS_KEY: 'ak' }, 'HW_SECRET_KEY is missing: HW_ACCESS_KEY is set'],
  [{ HW_AUTH_TOKEN: 't', HW_SECURITY_TOKEN: 'st' }, 'HW_SECURITY_TOKEN needs its HW_ACCESS_KEY'],
  [{ HW_SECURITY_TOKEN: 'st' }, NO_CREDENTIALS],
  [{ HW_AUTH_TOKEN: '' }, NO_CREDENTIALS],
])('%j is half of a way to authenticate', (environment: Environment, problem) => {
  expect(refusalOf({ HW_REGION_NAME: 'cn-north-4', ...environment }).problems).toEqual([problem]);
});

test.each(['HW_PROJECT_ID', 'HUAWEICLOUD_SDK_PROJECT_ID'])(
  '%s must be among the allowed projects',
  (name) => {
    const allowed = { MODELARTS_ALLOWED_PROJECTS: `${'a'.repeat(32)},${'b'.repeat(32)}` };
    expect(refusalOf({ ...GOOD, ...allowed, [name]: 'c'.repeat(32) }).problems).toEqual([
      `${name} is not among MODELARTS_ALLOWED_PROJECTS`,
    ]);
    readSettings({ ...GOOD, ...allowed, [name]: 'b'.repeat(32) });
  },
);

test('every problem is in the one message', () => {
  const { message, problems } = refusalOf({
    MODELARTS_ENDPOINT: 'http://example.com',
    HW_PROJECT_ID: 'x',
    HW_SECRET_KEY: 's k',
    TEMPORAL_CONNECT_TIMEOUT: 'long',
    MODELARTS_REQUEST_TIMEOUT: 'short',
  });
  const names = [
    'TEMPORAL_CONNECT_TIMEOUT must',
    'MODELARTS_ENDPOINT must',
    'HW_PROJECT_ID must',
    'HW_SECRET_KEY holds',
    'MODELARTS_REQUEST_TIMEOUT must',
    'HW_ACCESS_KEY is missing',
  ];
  expect(problems).toHaveLength(names.length);
  for (const name of names) expect(message).toContain(`\n  - ${name}`);
});

test.each([
  ['HW_ACCESS_KEY', 'AKIA secret'],
  ['HW_SECRET_KEY', 'hush hush'],
  ['HW_SECURITY_TOKEN', 'hüsh'],
  ['HW_AUTH_TOKEN', 'MIIT\nsecret'],
  ['HUAWEICLOUD_SDK_AK', 'AKIA secret'],
  ['HUAWEICLOUD_SDK_SK', 'hush hush'],
  ['HUAWEICLOUD_SDK_SECURITY_TOKEN', 'hüsh'],
  ['MODELARTS_ENDPOINT', 'https://me:hush@ma.example.com'],
])('%s=%j is not shown, though it is what is wrong', (name, secret) => {
  const error = refusalOf({ HW_REGION_NAME: 'cn-north-4', [name]: secret });
  expect(error.message).toContain(name);
  const shown = `${error.message}${error.stack}${JSON.stringify(error)}`;
  for (const part of [secret, 'secret', 'hush', 'hüsh', 'AKIA']) expect(shown).not.toContain(part);
  expect(error.cause).toBeUndefined();
});

test('good secrets are not shown beside other problems', () => {
  const secrets = {
    HW_ACCESS_KEY: 'AAAA1111',
    HW_SECRET_KEY: 'BBBB2222-CanaryOfTheTests',
    HW_SECURITY_TOKEN: 'CCCC3333-CanaryOfTheTests',
    HW_AUTH_TOKEN: 'DDDD4444-CanaryOfTheTests',
  };
  const { message } = refusalOf({ ...secrets, HW_PROJECT_ID: 'x' });
  for (const secret of Object.values(secrets)) expect(message).not.toContain(secret);
});
