import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSettings, type Settings } from '../../src/config.js';
import { SettingsError } from '../../src/environment.js';

type Environment = Record<string, string>;

const REGION = { HW_REGION_NAME: 'cn-north-4' };
const PROJECT = '0123456789abcdef0123456789abcdef';
const LOGIN = {
  HW_USER_NAME: 'user',
  HW_USER_PASSWORD: 'word word CanaryOfTheTests',
  HW_DOMAIN_NAME: 'acme',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const file = path.join(folder, `${Math.random()}`);
  writeFileSync(file, text);
  return file;
}

const read = (environment: Environment): Settings => readSettings({ ...REGION, ...environment });

function problemsOf(environment: Environment): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const SHARED = JSON.stringify({
  current: 'default',
  profiles: [
    { name: 'default', accessKeyId: 'shared-ak', secretAccessKey: 'shared-sk-CanaryOfTheTests' },
    {
      name: 'lab',
      accessKeyId: 'lab-ak',
      secretAccessKey: 'lab-sk',
      region: 'cn-east-3',
      projectId: PROJECT,
    },
    { name: 'half', accessKeyId: 'half-ak' },
  ],
});

describe('a secret in a file', () => {
  test('is named, not kept', () => {
    const [ak, sk] = [fileWith('ak\n'), fileWith('sk')];
    expect(read({ HW_ACCESS_KEY_FILE: ak, HW_SECRET_KEY_FILE: sk })).toMatchObject({
      credentials: { kind: 'key-files', accessKey: { file: ak }, secretKey: { file: sk } },
      credentialsFrom: 'access key, by file',
    });
    expect(read({ HW_ACCESS_KEY: 'ak', HW_SECRET_KEY_FILE: sk })).toMatchObject({
      credentials: { accessKey: { value: 'ak' }, secretKey: { file: sk } },
    });
    expect(read({ HW_AUTH_TOKEN_FILE: fileWith('token') }).credentialsFrom).toBe(
      'HW_AUTH_TOKEN_FILE',
    );
  });

  test('goes before the SDK’s name for it', () => {
    const sk = fileWith('sk');
    const settings = read({
      HUAWEICLOUD_SDK_AK: 'ak',
      HUAWEICLOUD_SDK_SK: 'other',
      HW_SECRET_KEY_FILE: sk,
    });
    expect(settings.credentials).toMatchObject({ secretKey: { file: sk } });
  });

  test.each([
    'HW_ACCESS_KEY',
    'HW_SECRET_KEY',
    'HW_SECURITY_TOKEN',
    'HW_AUTH_TOKEN',
    'HW_USER_PASSWORD',
  ])('together with %s itself is a mistake', (name) => {
    const others =
      name === 'HW_AUTH_TOKEN'
        ? {}
        : name === 'HW_USER_PASSWORD'
          ? LOGIN
          : { HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk' };
    const both = { ...others, [name]: 'value', [`${name}_FILE`]: fileWith('value') };
    expect(problemsOf(both)).toEqual([`${name} and ${name}_FILE are both set: remove one`]);
  });

  test.each([
    ['which does not exist', () => path.join(folder, 'nowhere')],
    ['which is empty', () => fileWith('\n')],
    ['which can’t be read (EISDIR)', () => folder],
    [
      'which holds a space or a character other than ASCII',
      () => fileWith('not a key but a hushed one'),
    ],
  ])('%s is a mistake, which names the variable', (words, fileOf) => {
    const file = fileOf();
    const problems = problemsOf({ HW_ACCESS_KEY: 'ak', HW_SECRET_KEY_FILE: file });
    expect(problems).toEqual([`HW_SECRET_KEY_FILE names ${JSON.stringify(file)}, ${words}`]);
  });

  test('is half of a way to authenticate like the secret itself', () => {
    expect(problemsOf({ HW_SECRET_KEY_FILE: fileWith('sk') })).toEqual([
      'HW_ACCESS_KEY is missing: HW_SECRET_KEY_FILE is set',
    ]);
  });
});

describe('an IAM login', () => {
  test('is to the region’s IAM, for the project of the region’s name', () => {
    expect(read(LOGIN)).toMatchObject({
      credentials: {
        kind: 'login',
        authUrl: 'https://iam.cn-north-4.myhuaweicloud.com',
        userName: 'user',
        password: { value: 'word word CanaryOfTheTests' },
        domainName: 'acme',
        project: { name: 'cn-north-4' },
      },
      credentialsFrom: 'IAM login',
    });
  });

  test.each([
    [{ HW_PROJECT_NAME: 'lab' }, { name: 'lab' }],
    [{ HW_PROJECT_NAME: 'lab', HW_PROJECT_ID: PROJECT }, { id: PROJECT }],
  ])('with %j is for the project %j', (environment: Environment, project) => {
    expect(read({ ...LOGIN, ...environment }).credentials).toMatchObject({ project });
  });

  test.each([
    ['https://iam.example.com', 'https://iam.example.com'],
    ['https://iam.example.com/v3', 'https://iam.example.com'],
    ['https://iam.example.com:8443/v3/', 'https://iam.example.com:8443'],
    ['http://127.0.0.1:9/v3', 'http://127.0.0.1:9'],
  ])('at %s goes to %s', (url, authUrl) => {
    expect(read({ ...LOGIN, HW_AUTH_URL: url }).credentials).toMatchObject({ authUrl });
  });

  test.each(['http://iam.example.com', 'https://iam.example.com/v2', 'iam', 'https://a:b@iam.com'])(
    'at %s is a mistake, and is not shown',
    (url) => {
      expect(problemsOf({ ...LOGIN, HW_AUTH_URL: url })).toEqual([
        'HW_AUTH_URL must be https://<host>, or http:// on a loopback host, with or without /v3',
      ]);
    },
  );

  test.each([
    ['HW_USER_NAME', 'HW_USER_PASSWORD'],
    ['HW_USER_PASSWORD', 'HW_USER_NAME'],
    ['HW_DOMAIN_NAME', 'HW_USER_NAME'],
  ])('without %s is half a login', (name, because) => {
    expect(problemsOf({ ...LOGIN, [name]: '' })).toEqual([`${name} is missing: ${because} is set`]);
  });
});

describe('a shared configuration file', () => {
  test('gives the keys of its current profile', () => {
    const file = fileWith(SHARED);
    expect(read({ HW_SHARED_CONFIG_FILE: file })).toMatchObject({
      credentials: { kind: 'shared-file', path: file },
      credentialsFrom: 'shared configuration file',
    });
  });

  test('gives region and project of the named profile where they are not set', () => {
    const environment = { HW_SHARED_CONFIG_FILE: fileWith(SHARED), HW_PROFILE: 'lab' };
    expect(readSettings(environment)).toMatchObject({
      credentialsFrom: 'shared configuration file, profile lab',
      endpoint: 'https://modelarts.cn-east-3.myhuaweicloud.com',
      projectId: PROJECT,
    });
    expect(read({ ...environment, HW_PROJECT_ID: 'f'.repeat(32) })).toMatchObject({
      endpoint: 'https://modelarts.cn-north-4.myhuaweicloud.com',
      projectId: 'f'.repeat(32),
    });
  });

  test.each([
    ['{"current":', {}, 'is not a JSON object'],
    ['[]', {}, 'is not a JSON object'],
    ['{}', {}, 'names no current profile: set HW_PROFILE'],
    [SHARED, { HW_PROFILE: 'none' }, 'has no profile "none"'],
    [SHARED, { HW_PROFILE: 'half' }, 'has no secretAccessKey in the profile "half"'],
  ])('%s with %j is a mistake', (text, environment: Environment, words) => {
    const file = fileWith(text);
    expect(problemsOf({ HW_SHARED_CONFIG_FILE: file, ...environment })).toEqual([
      `HW_SHARED_CONFIG_FILE names ${JSON.stringify(file)}, which ${words}`,
    ]);
  });
});

test('the machine’s agency is used only when it is switched on', () => {
  expect(read({ HW_ECS_AGENCY: 'true' })).toMatchObject({
    credentials: { kind: 'agency' },
    credentialsFrom: 'agency of this machine',
  });
  expect(problemsOf({ HW_ECS_AGENCY: 'false' })).toEqual([
    expect.stringMatching(/^no credentials: /),
  ]);
  expect(problemsOf({ HW_AUTH_TOKEN: 'token', HW_ECS_AGENCY: 'yes' })).toEqual([
    'HW_ECS_AGENCY must be "true" or "false"',
  ]);
});

test('of several ways the first in order is used, and the others are named', () => {
  const ways = [
    ['access key', { HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk' }, 'HW_ACCESS_KEY'],
    ['HW_AUTH_TOKEN', { HW_AUTH_TOKEN: 'token' }, 'HW_AUTH_TOKEN'],
    ['IAM login', LOGIN, 'HW_USER_NAME'],
    [
      'shared configuration file',
      { HW_SHARED_CONFIG_FILE: fileWith(SHARED) },
      'HW_SHARED_CONFIG_FILE',
    ],
    ['agency of this machine', { HW_ECS_AGENCY: 'true' }, 'HW_ECS_AGENCY'],
  ] as const;
  for (const [i, [credentialsFrom]] of ways.entries()) {
    const left = ways.slice(i);
    const environment = Object.assign({}, ...left.map(([, variables]) => variables)) as Environment;
    const credentialsIgnored = left.slice(1).map(([, , name]) => name);
    expect(read(environment)).toMatchObject({ credentialsFrom, credentialsIgnored });
  }
});
