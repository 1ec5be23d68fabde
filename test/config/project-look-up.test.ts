import { readSettings } from '../../src/config.js';
import { SettingsError } from '../../src/environment.js';

type Environment = Record<string, string>;

const PROJECT = '0123456789abcdef0123456789abcdef';
const LOGIN = { HW_USER_NAME: 'user', HW_USER_PASSWORD: 'word', HW_DOMAIN_NAME: 'acme' };

const read = (environment: Environment) =>
  readSettings({ HW_REGION_NAME: 'cn-north-4', ...environment });

describe('the project by its name', () => {
  const KEYS = { HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk' };
  const authUrl = 'https://iam.cn-north-4.myhuaweicloud.com';
  const ENDPOINT = { MODELARTS_ENDPOINT: 'https://modelarts.example.com' };

  test.each([
    ['the region’s by default', KEYS, { authUrl, name: 'cn-north-4' }],
    ['the named one', { ...KEYS, HW_PROJECT_NAME: 'lab' }, { authUrl, name: 'lab' }],
    [
      'at another IAM',
      { ...KEYS, ...ENDPOINT, HW_AUTH_URL: 'https://iam.example.com/v3' },
      { authUrl: 'https://iam.example.com', name: 'cn-north-4' },
    ],
    ['none where the id is set', { ...KEYS, HW_PROJECT_ID: PROJECT }, undefined],
    ['none where ModelArts is elsewhere', { ...KEYS, ...ENDPOINT }, undefined],
    ['none for a login, whose token names it', LOGIN, undefined],
  ])('%s', (_what, environment: Environment, expected) => {
    expect(read(environment).projectLookUp).toEqual(expected);
  });

  test('needs an IAM', () => {
    const environment = { ...KEYS, ...ENDPOINT, HW_REGION_NAME: '', HW_PROJECT_NAME: 'lab' };
    expect(() => read(environment)).toThrow(
      new SettingsError(['HW_PROJECT_NAME needs IAM: set HW_REGION_NAME or HW_AUTH_URL']),
    );
  });
});
