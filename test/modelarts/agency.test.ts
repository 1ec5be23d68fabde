import { type AgencyOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import { clientOf, closeAll, onClose, PROJECT } from './scripted-client.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const JOB = { projectId: PROJECT, jobId: '10' };

let simulator: Simulator;

async function start(agency: AgencyOptions): Promise<void> {
  simulator = await startSimulator({ agency, authenticate: {} });
  onClose(() => simulator.close());
  simulator.addJob({ jobId: '10', status: 12 });
}
beforeEach(stopClocks);
afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const agencyClient = (more: object = {}) =>
  clientOf(simulator.url, {
    credentials: { kind: 'agency', metadataService: simulator.url },
    ...more,
  });
const keysAsked = (): number => simulator.requests({ operation: 'metadata-key' }).length;

test.each([[{}], [{ hasTokens: false }]])(
  'signs with the temporary keys of the machine (metadata service %j)',
  async (agency) => {
    await start(agency);
    const client = agencyClient();
    expect(await client.restart(JOB)).toEqual({ kind: 'accepted' });
    expect((await client.detail(JOB)).kind).toBe('read');
    expect(keysAsked()).toBe(1);
    const [first] = simulator.requests();
    expect(first).toMatchObject({ method: 'PUT', operation: 'metadata-token' });
    expect(first?.headers).toHaveProperty('x-metadata-token-ttl-seconds');
  },
);

test('renews the keys 40 minutes before they end', async () => {
  await start({ keyLifetimeMs: 6 * HOUR });
  const client = agencyClient();
  await client.detail(JOB);
  jest.advanceTimersByTime(6 * HOUR - 46 * MINUTE);
  await client.detail(JOB);
  expect(keysAsked()).toBe(1);
  jest.advanceTimersByTime(7 * MINUTE);
  await client.detail(JOB);
  for (let wait = 1; keysAsked() < 2 && wait < 100; wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(keysAsked()).toBe(2);
});

test('gets new keys once the old ones are refused', async () => {
  await start({});
  const client = agencyClient();
  await client.detail(JOB);
  simulator.endCredentials();
  expect((await client.detail(JOB)).kind).toBe('again');
  expect((await client.detail(JOB)).kind).toBe('read');
  expect(keysAsked()).toBe(2);
});

test('a machine without a metadata service is told what to do, and no restart ends', async () => {
  await start({});
  const { report, told, fields } = listener();
  const away = await startSimulator();
  await away.close();
  const credentials = { kind: 'agency', metadataService: away.url } as const;
  const client = clientOf(simulator.url, { credentials, onCredentials: report });
  expect(await client.credentials.prepare(AbortSignal.timeout(5_000))).toMatchObject({
    state: 'missing',
    lastError: { message: expect.stringContaining('HW_ECS_AGENCY needs') as string },
  });
  expect(await client.restart(JOB)).toMatchObject({
    kind: 'not-sent',
    error: { message: expect.stringContaining('connection refused') as string },
  });
  expect(told).toEqual(['warn: Credentials can’t be fetched now; the worker tries again']);
  expect(fields).toMatchObject([
    { message: expect.stringContaining('HW_ECS_AGENCY needs') as string },
  ]);
});

test('a machine whose clock is wrong uses its keys until they end by the cloud’s clock', async () => {
  simulator = await startSimulator({
    agency: { keyLifetimeMs: HOUR },
    authenticate: { clockAheadMs: -5 * HOUR },
  });
  onClose(() => simulator.close());
  simulator.addJob({ jobId: '10', status: 12 });
  const client = agencyClient();
  expect((await client.detail(JOB)).kind).toBe('again');
  expect((await client.detail(JOB)).kind).toBe('read');
});
