import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type AuthenticateOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import { AK_SK, clientOf, closeAll, onClose, TOKEN } from './scripted-client.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const WRONG = { ...AK_SK, secretKey: 'another-secret-key-CanaryOfTheTests' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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
  keys.secretKey = 'gateway-secret-CanaryOfTheTests';
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

test('after a step of this machine’s clock, two of a hundred calls at once are refused as expired', async () => {
  const client = clientOf(simulator.url);
  await client.detail(job(1));
  jest.setSystemTime(Date.now() + HOUR);
  // The gateway's clock has made no step.
  keys.clockAheadMs = -HOUR;
  const kinds = (await hundredCalls(client)).map(({ kind }) => kind);
  expect(refusals()).toBe(2);
  const taken = (['read', 'accepted'] as const).flatMap((kind) => Array<string>(49).fill(kind));
  expect(kinds.toSorted()).toEqual([...taken, 'again', 'not-sent'].toSorted());
});

/** A shared configuration file, and what puts a key into it. */
function keyInFile() {
  const folder = mkdtempSync(path.join(tmpdir(), 'breaker-'));
  onClose(async () => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'config.json');
  const hold = (accessKey: string, secretKey: string = AK_SK.secretKey): void => {
    const profile = { name: 'a', accessKeyId: accessKey, secretAccessKey: secretKey };
    writeFileSync(`${file}.new`, JSON.stringify({ current: 'a', profiles: [profile] }));
    renameSync(`${file}.new`, file);
  };
  delete keys.securityToken;
  return { hold, settings: { kind: 'shared-file', path: file } as const };
}

test('each other secret of a refused key has one try, so that no row of typing errors locks it', async () => {
  const { hold, settings } = keyInFile();
  hold(AK_SK.accessKey, 'wrong-secret-CanaryOfTheTests');
  const client = clientOf(simulator.url, { credentials: settings });
  for (const [nth, most] of [2, 3, 4].entries()) {
    hold(AK_SK.accessKey, `wrong-secret-${nth}-CanaryOfTheTests`);
    for (let check = 1; check <= 2; check += 1) {
      jest.advanceTimersByTime(1_000);
      await hundredCalls(client);
    }
    expect(refusals()).toBe(most);
  }
  hold(AK_SK.accessKey);
  for (let check = 1; check <= 2; check += 1) {
    jest.advanceTimersByTime(1_000);
    await client.detail(job(1));
  }
  expect(new Set((await hundredCalls(client)).map(({ kind }) => kind))).toEqual(
    new Set(['read', 'accepted']),
  );
  expect(refusals()).toBe(4);

  // Once it was taken, it is a key like any other.
  simulator.fault({
    operation: 'detail',
    kind: 'refuse',
    status: 401,
    code: 'APIGW.0301',
    message: 'Incorrect IAM authentication information',
  });
  expect((await client.detail(job(1))).kind).toBe('refused');
  expect((await client.detail(job(1))).kind).toBe('read');
});

test('another key goes on while one is refused, which is not tried again because it is put back', async () => {
  const { hold, settings } = keyInFile();
  hold('REFUSEDACCESSKEY0002');
  const client = clientOf(simulator.url, { credentials: settings });
  await hundredCalls(client);
  expect(refusals()).toBe(2);

  hold(AK_SK.accessKey);
  const kinds = (await hundredCalls(client)).map(({ kind }) => kind);
  expect([...new Set(kinds)].toSorted()).toEqual(['accepted', 'read']);

  hold('REFUSEDACCESSKEY0002');
  // A change counts at the second check, and there is one check a second.
  for (let check = 1; check <= 2; check += 1) {
    jest.advanceTimersByTime(1_000);
    await client.detail(job(1));
  }
  for (const answer of await hundredCalls(client)) {
    expect(answer).toMatchObject({
      kind: 'refused',
      error: { message: expect.stringMatching(/^not sent: this access key was refused/) as string },
    });
  }
  expect(refusals()).toBe(2);
  jest.advanceTimersByTime(5 * MINUTE);
  await hundredCalls(client);
  expect(refusals()).toBe(3);
});

test('a token that is refused is sent again at once, because the gateway locks no tokens', async () => {
  const client = clientOf(simulator.url, { credentials: TOKEN });
  keys.tokens = [];
  for (let call = 1; call <= 8; call += 1) {
    expect((await client.detail(job(1))).kind).toBe('refused');
  }
  expect(refusals()).toBe(8);
  keys.tokens = [TOKEN.token];
  expect((await client.detail(job(1))).kind).toBe('read');
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
