import { freePort } from './free-port.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

const GOOD = {
  MODELARTS_ENDPOINT: 'http://127.0.0.1:9',
  HW_ACCESS_KEY: 'ACCESSKEYOFTHETEST',
  HW_SECRET_KEY: 'secret-key-CanaryOfTheTests',
};

beforeAll(() => {});
afterAll(endAllWorkers);

it('ends with 2 and one message that lists every problem where settings are bad', async () => {
  const worker = startWorkerProcess({
    HW_SECRET_KEY: 'only half CanaryOfTheTests',
    HW_PROJECT_ID: 'Nope',
    TEMPORAL_CONFIG_FILE: '/dev/null/temporal.toml',
    TEMPORAL_API_KEY: 'key\nCanaryOfTheTests',
  });
  expect(await worker.ended).toBe(2);
  const text = worker.stderr.join('\n');
  for (const name of ['HW_ACCESS_KEY', 'HW_PROJECT_ID', 'HW_REGION_NAME', 'TEMPORAL_…'])
    expect(text).toContain(name);
  expect(text).not.toContain('only half');
  expect(worker.stdout).toEqual([]);
});

it('says that it waits for Temporal, and ends with 3 and the address it tried when the time is up', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const worker = startWorkerProcess({
    ...GOOD,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_CONNECT_TIMEOUT: '2s',
  });
  expect(await worker.logged('Waiting for Temporal')).toMatchObject({ address });
  expect(await worker.ended).toBe(3);
  expect(worker.stderr.join('\n')).toContain(`Temporal did not answer at ${address} within 2s`);
});

it('logs nothing below LOG_LEVEL', async () => {
  const worker = startWorkerProcess({
    ...GOOD,
    TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
    TEMPORAL_CONNECT_TIMEOUT: '1s',
    LOG_LEVEL: 'warn',
  });
  expect(await worker.ended).toBe(3);
  expect(worker.stdout).toEqual([]);
});

it('ends with 0 when it is told to stop while it waits for Temporal', async () => {
  const worker = startWorkerProcess({ ...GOOD, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` });
  await worker.logged('Waiting for Temporal');
  expect(await worker.end('SIGTERM')).toBe(0);
});

it('takes an empty TEMPORAL_API_KEY for none', async () => {
  const worker = startWorkerProcess({
    ...GOOD,
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS']!,
    TEMPORAL_API_KEY: '',
  });
  await worker.logged('Listening');
  expect(await worker.end('SIGINT')).toBe(0);
});

it('says which of several ways to authenticate it uses, and that its machine has no agency', async () => {
  const TEMPORAL_ADDRESS = process.env['TEST_TEMPORAL_ADDRESS']!;
  const { HW_ACCESS_KEY: _, HW_SECRET_KEY: __, ...bare } = GOOD;
  const several = startWorkerProcess({
    ...GOOD,
    TEMPORAL_ADDRESS,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  });
  expect(
    await several.logged('Several ways to authenticate are set; the first is used'),
  ).toMatchObject({ credentialsFrom: 'access key', ignored: ['HW_AUTH_TOKEN'] });
  const agency = startWorkerProcess({ ...bare, TEMPORAL_ADDRESS, HW_ECS_AGENCY: 'true' });
  const told = await agency.logged('Credentials can’t be fetched now; the worker tries again');
  expect(told['message']).toContain('HW_ECS_AGENCY needs an ECS or CCE node');
  await Promise.all([several, agency].map((worker) => worker.logged('Listening')));
  expect(await several.end('SIGTERM')).toBe(0);
  expect(await agency.end('SIGTERM')).toBe(0);
});
