import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSettings } from '../../src/config.js';
import { namesIn } from './names-in.js';

/* What a worker's environment, an operator's fingers and a pipeline rely on; see contract.test.ts. */

test('the environment variables', () => {
  const names = namesIn(
    'src',
    /\b(?:HEALTH|HW|HUAWEICLOUD|LOG|METRICS|MODELARTS|TEMPORAL|WORKFLOW)_[A-Z_]*[A-Z]\b/g,
  );
  expect(names).toEqual([
    'HEALTH_ADDRESS',
    'HUAWEICLOUD_SDK_AK',
    'HUAWEICLOUD_SDK_PROJECT_ID',
    'HUAWEICLOUD_SDK_SECURITY_TOKEN',
    'HUAWEICLOUD_SDK_SK',
    'HW_ACCESS_KEY',
    'HW_ACCESS_KEY_FILE',
    'HW_AUTH_TOKEN',
    'HW_AUTH_TOKEN_FILE',
    'HW_AUTH_URL',
    'HW_DOMAIN_NAME',
    'HW_ECS_AGENCY',
    'HW_PROFILE',
    'HW_PROJECT_ID',
    'HW_PROJECT_NAME',
    'HW_REGION_NAME',
    'HW_SECRET_KEY',
    'HW_SECRET_KEY_FILE',
    'HW_SECURITY_TOKEN',
    'HW_SECURITY_TOKEN_FILE',
    'HW_SHARED_CONFIG_FILE',
    'HW_USER_NAME',
    'HW_USER_PASSWORD',
    'HW_USER_PASSWORD_FILE',
    'LOG_LEVEL',
    'METRICS_ADDRESS',
    'MODELARTS_ALLOWED_PROJECTS',
    'MODELARTS_ALLOW_STOP',
    'MODELARTS_ENDPOINT',
    'MODELARTS_RATE_LIMIT',
    'MODELARTS_REQUEST_TIMEOUT',
    'MODELARTS_WAIT_SLOTS',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_API_KEY',
    'TEMPORAL_CONNECT_TIMEOUT',
    'TEMPORAL_DEPLOYMENT_NAME',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_TASK_QUEUE',
    'TEMPORAL_TLS',
    'TEMPORAL_TLS_CLIENT_CERT_PATH',
    'TEMPORAL_TLS_CLIENT_KEY_PATH',
    'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    'TEMPORAL_TLS_SERVER_NAME',
    'TEMPORAL_WORKER_BUILD_ID',
    'WORKFLOW_CACHE_SIZE',
  ]);
});

test('the defaults of the environment', () => {
  const settings = readSettings({
    HW_REGION_NAME: 'cn-north-4',
    HW_AUTH_TOKEN: 'token',
  });
  const { taskQueue, connectTimeoutMs, requestTimeoutMs, endpoint, workflowCacheSize } = settings;
  expect({ taskQueue, connectTimeoutMs, requestTimeoutMs, endpoint, workflowCacheSize }).toEqual({
    taskQueue: 'modelarts-restarts',
    connectTimeoutMs: 60_000,
    requestTimeoutMs: 20_000,
    workflowCacheSize: 500,
    endpoint: 'https://modelarts.cn-north-4.myhuaweicloud.com',
  });
});

test('the package and its commands', () => {
  const file = readFileSync(path.resolve(__dirname, '../../package.json'), 'utf8');
  const { name, bin, exports, scripts } = JSON.parse(file) as Record<string, object>;
  expect({ name, bin }).toEqual({
    name: 'modelarts-restarter',
    bin: { 'modelarts-restarter': 'dist/cli.js' },
  });
  expect(Object.keys(exports!).toSorted()).toEqual([
    '.',
    './nexus',
    './package.json',
    './workflows',
  ]);
  expect(scripts).toMatchObject({
    build: 'node scripts/build.mjs',
    demo: 'node scripts/demo.mjs',
    simulator: 'node scripts/simulator.mjs',
    start: 'node dist/worker.js',
    test: 'node scripts/test.mjs',
  });
});
