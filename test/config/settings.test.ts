import { readSettings } from '../../src/config.js';

const PROJECT = 'ab0123456789cdef0123456789abcdef';
const OTHER_PROJECT = 'ffff0123456789cdef0123456789abcd';
const LEAST = { HW_REGION_NAME: 'cn-north-4', HW_AUTH_TOKEN: 'token' };

test('a region and a token are enough, and everything else has its default', () => {
  expect(readSettings(LEAST)).toStrictEqual({
    taskQueue: 'modelarts-restarts',
    connectTimeoutMs: 60_000,
    endpoint: 'https://modelarts.cn-north-4.myhuaweicloud.com',
    credentials: { kind: 'token', token: 'token' },
    credentialsFrom: 'HW_AUTH_TOKEN',
    credentialsIgnored: [],
    projectLookUp: {
      authUrl: 'https://iam.cn-north-4.myhuaweicloud.com',
      name: 'cn-north-4',
    },
    requestTimeoutMs: 20_000,
    workflowCacheSize: 500,
    waitSlots: 10_000,
    rateLimits: [],
    logLevel: 'info',
    allowStop: true,
  });
});

test.each([
  ['TEMPORAL_TASK_QUEUE', 'mine', { taskQueue: 'mine' }],
  ['TEMPORAL_CONNECT_TIMEOUT', '1000', { connectTimeoutMs: 1_000 }],
  ['TEMPORAL_CONNECT_TIMEOUT', '1.5m', { connectTimeoutMs: 90_000 }],
  ['TEMPORAL_CONNECT_TIMEOUT', '1d', { connectTimeoutMs: 86_400_000 }],
  ['MODELARTS_REQUEST_TIMEOUT', '100ms', { requestTimeoutMs: 100 }],
  ['MODELARTS_REQUEST_TIMEOUT', '5m', { requestTimeoutMs: 300_000 }],
  ['WORKFLOW_CACHE_SIZE', '10', { workflowCacheSize: 10 }],
  ['WORKFLOW_CACHE_SIZE', '10000', { workflowCacheSize: 10_000 }],
  ['MODELARTS_WAIT_SLOTS', '20', { waitSlots: 20 }],
  ['MODELARTS_RATE_LIMIT', '200/5m', { rateLimits: [{ calls: 200, windowMs: 300_000 }] }],
  [
    'MODELARTS_RATE_LIMIT',
    '200/5m, 5/1s',
    {
      rateLimits: [
        { calls: 200, windowMs: 300_000 },
        { calls: 5, windowMs: 1_000 },
      ],
    },
  ],
  ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
  ['LOG_LEVEL', 'error', { logLevel: 'error' }],
  ['MODELARTS_ALLOWED_PROJECTS', PROJECT, { allowedProjects: [PROJECT] }],
  [
    'MODELARTS_ALLOWED_PROJECTS',
    `${PROJECT}, ${OTHER_PROJECT}`,
    { allowedProjects: [PROJECT, OTHER_PROJECT] },
  ],
  ['MODELARTS_ALLOW_STOP', 'false', { allowStop: false }],
  ...['METRICS_ADDRESS', 'HEALTH_ADDRESS'].flatMap((variable): [string, string, object][] => {
    const key = variable === 'METRICS_ADDRESS' ? 'metricsAddress' : 'healthAddress';
    const effect = (host: string, port: number) => ({ [key]: { variable, host, port } });
    return [
      [variable, '127.0.0.1:9464', effect('127.0.0.1', 9464)],
      [variable, '[::1]:0', effect('::1', 0)],
      [variable, 'localhost:65535', effect('localhost', 65_535)],
    ];
  }),
  [
    'TEMPORAL_WORKER_BUILD_ID',
    '1.2.3',
    { version: { deploymentName: 'modelarts-restarter', buildId: '1.2.3' } },
  ],
])('%s=%s takes effect', (name, value, effect) => {
  expect(readSettings({ ...LEAST, [name]: value })).toStrictEqual({
    ...readSettings(LEAST),
    ...effect,
  });
});

test.each(['HW_PROJECT_ID', 'HUAWEICLOUD_SDK_PROJECT_ID'])('%s needs no look-up', (name) => {
  const { projectLookUp: _, ...others } = readSettings(LEAST);
  expect(readSettings({ ...LEAST, [name]: PROJECT })).toStrictEqual({
    ...others,
    projectId: PROJECT,
  });
});

test('a deployment has the name that it is given', () => {
  const version = { TEMPORAL_DEPLOYMENT_NAME: 'restarts-north', TEMPORAL_WORKER_BUILD_ID: 'v1' };
  expect(readSettings({ ...LEAST, ...version }).version).toEqual({
    deploymentName: 'restarts-north',
    buildId: 'v1',
  });
});

test.each([
  'TEMPORAL_TASK_QUEUE',
  'TEMPORAL_CONNECT_TIMEOUT',
  'TEMPORAL_DEPLOYMENT_NAME',
  'TEMPORAL_WORKER_BUILD_ID',
  'MODELARTS_ENDPOINT',
  'MODELARTS_REQUEST_TIMEOUT',
  'WORKFLOW_CACHE_SIZE',
  'LOG_LEVEL',
  'MODELARTS_ALLOWED_PROJECTS',
  'MODELARTS_ALLOW_STOP',
  'METRICS_ADDRESS',
  'HEALTH_ADDRESS',
  'HW_PROJECT_ID',
  'HW_ACCESS_KEY',
  'HW_SECRET_KEY',
  'HW_SECURITY_TOKEN',
  'HUAWEICLOUD_SDK_AK',
  'HUAWEICLOUD_SDK_SK',
  'HUAWEICLOUD_SDK_SECURITY_TOKEN',
  'HUAWEICLOUD_SDK_PROJECT_ID',
])('%s counts as absent when it is set but empty', (name) => {
  expect(readSettings({ ...LEAST, [name]: '' })).toStrictEqual(readSettings(LEAST));
});

test('the HW_ name comes before the SDK’s, an empty one does not', () => {
  const both = { ...LEAST, HUAWEICLOUD_SDK_PROJECT_ID: OTHER_PROJECT };
  expect(readSettings({ ...both, HW_PROJECT_ID: PROJECT }).projectId).toBe(PROJECT);
  expect(readSettings({ ...both, HW_PROJECT_ID: '' }).projectId).toBe(OTHER_PROJECT);
});

test('an endpoint goes before the region’s', () => {
  const environment = { ...LEAST, MODELARTS_ENDPOINT: 'https://ma.example.com' };
  expect(readSettings(environment).endpoint).toBe('https://ma.example.com');
});

test.each([
  ['https://ma.example.com', 'https://ma.example.com'],
  ['https://ma.example.com/', 'https://ma.example.com'],
  ['https://ma.example.com:8443', 'https://ma.example.com:8443'],
  ['https://10.0.0.1', 'https://10.0.0.1'],
  ['HTTPS://MA.example.com', 'https://ma.example.com'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['http://127.0.0.1', 'http://127.0.0.1'],
  ['http://127.8.9.10:80', 'http://127.8.9.10'],
  ['http://[::1]:8080', 'http://[::1]:8080'],
])('the endpoint %s is taken as %s, without a region', (MODELARTS_ENDPOINT, endpoint) => {
  expect(readSettings({ HW_AUTH_TOKEN: 'token', MODELARTS_ENDPOINT }).endpoint).toBe(endpoint);
});
