import { readSettings } from '../../src/config.js';

const chosen = (environment: Record<string, string>): unknown => {
  const { credentials, credentialsFrom } = readSettings({
    HW_REGION_NAME: 'cn-north-4',
    ...environment,
  });
  return { credentials, credentialsFrom };
};

const KEYS = { kind: 'ak-sk', accessKey: 'ak', secretKey: 'sk' };

test.each([
  [
    'an access key',
    { HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk' },
    { credentials: KEYS, credentialsFrom: 'access key' },
  ],
  [
    'a temporary access key',
    { HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk', HW_SECURITY_TOKEN: 'st' },
    {
      credentials: { ...KEYS, securityToken: 'st' },
      credentialsFrom: 'access key with security token',
    },
  ],
  [
    'an access key under the SDK’s names',
    {
      HUAWEICLOUD_SDK_AK: 'ak',
      HUAWEICLOUD_SDK_SK: 'sk',
      HUAWEICLOUD_SDK_SECURITY_TOKEN: 'st',
    },
    {
      credentials: { ...KEYS, securityToken: 'st' },
      credentialsFrom: 'access key with security token',
    },
  ],
  [
    'the HW_ names before the SDK’s',
    {
      HW_ACCESS_KEY: 'ak',
      HW_SECRET_KEY: 'sk',
      HUAWEICLOUD_SDK_AK: 'other',
      HUAWEICLOUD_SDK_SK: 'other',
    },
    { credentials: KEYS, credentialsFrom: 'access key' },
  ],
  [
    'each SDK name where its HW_ name alone is absent',
    { HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: '', HUAWEICLOUD_SDK_SK: 'sk' },
    { credentials: KEYS, credentialsFrom: 'access key' },
  ],
  [
    'a ready token',
    { HW_AUTH_TOKEN: 'token' },
    { credentials: { kind: 'token', token: 'token' }, credentialsFrom: 'HW_AUTH_TOKEN' },
  ],
  [
    'the access key where a token is there too',
    { HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk', HW_AUTH_TOKEN: 'token' },
    { credentials: KEYS, credentialsFrom: 'access key' },
  ],
  [
    'the token where the keys are empty',
    { HW_ACCESS_KEY: '', HW_SECRET_KEY: '', HW_SECURITY_TOKEN: '', HW_AUTH_TOKEN: 'token' },
    { credentials: { kind: 'token', token: 'token' }, credentialsFrom: 'HW_AUTH_TOKEN' },
  ],
])('uses %s', (_what, environment, expected) => {
  expect(chosen(environment)).toStrictEqual(expected);
});

test('says where the credentials are from without any of them', () => {
  const secrets = { HW_ACCESS_KEY: 'AKAKAK', HW_SECRET_KEY: 'SKSKSK', HW_SECURITY_TOKEN: 'STST' };
  const { credentialsFrom } = readSettings({ HW_REGION_NAME: 'cn-north-4', ...secrets });
  for (const secret of Object.values(secrets)) expect(credentialsFrom).not.toContain(secret);
});
