import { type AuthenticateOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import { AK_SK, clientOf, closeAll, onClose, TOKEN } from './scripted-client.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const WRONG = { ...AK_SK, secretKey: 'another-secret-key-CanaryOfTheTests' };
const MINUTE = 60_000;

let simulator: Simulator;
let keys: AuthenticateOptions;

beforeEach(async () => {
  stopClocks();
  const { accessKey, secretKey, securityToken } = AK_SK;
  keys = { accessKey, secretKey, securityToken, tokens: [TOKEN.token] };
  simulator = await startSimulator({ authenticate: keys });
  onClose(() => simulator.close());
  for (let id = 1; id <= 100; id += 1) simulator.addJob({ jobId: String(id), status: 12 });
});
afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const job = (id: number) => ({ projectId: simulator.projectId, jobId: String(id) });
const refusals = (): number => simulator.requests().filter(({ outcome }) => outcome === 401).length;

const hundredCalls = (client: ModelArtsClient) =>
  Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0 ? client.detail(job(i + 1)) : client.restart(job(i + 1)),
    ),
  );

test('a wrong secret is refused twice by the gateway, however many calls there are', async () => {
  const { report, told, fields } = listener();
  const client = clientOf(simulator.url, { credentials: WRONG, onCredentials: report });
  const answers = await hundredCalls(client);
  expect(refusals()).toBe(2);
  for (const answer of answers) {
    expect(answer).toMatchObject({
      kind: 'refused',
      error: { code: 'APIGW.0301', httpStatus: 401 },
    });
  }
  const unsent = answers.filter(
    (answer) => 'error' in answer && answer.error.message.startsWith('not sent: '),
  );
  expect(unsent.length).toBe(98);
  expect(told).toEqual(['warn: The gateway refuses the access key; no call is sent for 5 minutes']);
  expect(JSON.stringify([answers, fields])).not.toContain(WRONG.secretKey);
  expect(client.credentials.state()).toMatchObject({
    state: 'refused',
    lastError: { code: 'APIGW.0301' },
  });
});

test('after five minutes one call tries the key, and a second refusal opens the breaker again', async () => {
  const client = clientOf(simulator.url, { credentials: WRONG });
  await hundredCalls(client);
  jest.advanceTimersByTime(5 * MINUTE - 1);
  await client.detail(job(1));
  expect(refusals()).toBe(2);
  jest.advanceTimersByTime(2);
  await hundredCalls(client);
  expect(refusals()).toBe(3);
});

test('a call that is taken closes the breaker, and all calls go again', async () => {
  keys.secretKey = 'a-secret-that-only-the-gateway-has';
  const { report, told } = listener();
  const client = clientOf(simulator.url, { onCredentials: report });
  await hundredCalls(client);
  keys.secretKey = AK_SK.secretKey;
  jest.advanceTimersByTime(5 * MINUTE + 1);
  const kinds = new Set((await hundredCalls(client)).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['read', 'accepted']));
  expect(told.slice(1)).toEqual(['info: The gateway takes the access key again']);
  expect(client.credentials.state().state).toBe('usable');
});

test('a key that the gateway has locked is not tried a second time', async () => {
  const other = clientOf(simulator.url, { credentials: WRONG });
  const third = clientOf(simulator.url, { credentials: WRONG });
  const fourth = clientOf(simulator.url, { credentials: WRONG });
  for (const client of [other, third, fourth]) await hundredCalls(client);
  expect(refusals()).toBe(6);
  const client = clientOf(simulator.url);
  expect(await client.detail(job(1))).toMatchObject({
    kind: 'refused',
    error: { message: expect.stringContaining('AK access failed to reach the limit') as string },
  });
  await hundredCalls(client);
  expect(refusals()).toBe(7);
});

test('other keys and tokens go on while one key is refused', async () => {
  await hundredCalls(clientOf(simulator.url, { credentials: WRONG }));
  expect((await clientOf(simulator.url, { credentials: TOKEN }).detail(job(1))).kind).toBe('read');
});

test('a call beyond the first of its kind waits for their answer no longer than its own time', async () => {
  const faults = (['detail', 'restart'] as const).map((operation) =>
    simulator.fault({ operation, kind: 'hang' }),
  );
  const client = clientOf(simulator.url, { requestTimeoutMs: 400 });
  const look = client.detail(job(1));
  const taken = client.restart(job(2));
  const restart = await client.restart(job(3), { sendBy: Date.now() + 100 });
  expect(restart).toEqual({
    kind: 'not-sent',
    error: { message: 'not sent in time: the first call with this access key has no answer yet' },
  });
  expect((await look).kind).toBe('again');
  expect((await taken).kind).toBe('ambiguous');
  expect(faults.map(({ fired }) => fired)).toEqual([1, 1]);
  expect(simulator.requests({ jobId: '3' })).toEqual([]);
});
