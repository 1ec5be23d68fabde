import { type AuthenticateOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import { AK_SK, clientOf, closeAll, onClose, scripted } from './scripted-client.js';
import { reply } from './scripted-server.js';
import { stopClocks } from './stopped-clocks.js';
import { listener } from './told.js';

const HOUR = 60 * 60_000;

let simulator: Simulator;
let keys: AuthenticateOptions;

beforeEach(async () => {
  const { accessKey, secretKey, securityToken } = AK_SK;
  keys = { accessKey, secretKey, securityToken };
  simulator = await startSimulator({ authenticate: keys });
  onClose(() => simulator.close());
  simulator.addJob({ jobId: '10', status: 12 });
});
afterEach(closeAll);

const job = () => ({ projectId: simulator.projectId, jobId: '10' });

test.each([
  [5.9, true],
  [5.9, false],
  [-5.9, true],
  [-0.3, false],
])(
  'a clock that differs by %d h is corrected after one refusal (server time told: %s)',
  async (hours, tellsServerTime) => {
    Object.assign(keys, { clockAheadMs: hours * HOUR, tellsServerTime });
    const { report, told, fields } = listener();
    const client = clientOf(simulator.url, { onCredentials: report });
    expect(await client.restart(job())).toMatchObject({
      kind: 'not-sent',
      error: { message: expect.stringContaining('signature expired') as string },
    });
    expect(await client.restart(job())).toEqual({ kind: 'accepted' });
    expect(simulator.requests().map(({ outcome }) => outcome)).toEqual([401, 200]);
    expect(told).toEqual([
      'warn: This machine’s clock is wrong; requests are signed by the gateway’s clock',
    ]);
    const [{ offBySeconds }] = fields as [{ offBySeconds: number }];
    expect(Math.abs(offBySeconds + hours * 3600)).toBeLessThan(3);
  },
);

test.each([
  ['APIGW.0303', 'its text'],
  ['ModelArts.0207', 'its Date'],
])('an expired signature shows the gateway’s clock under %s too, by %s', async (code, by) => {
  const ahead = new Date(Date.now() + HOUR);
  const time = ahead.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const told = by === 'its text' ? `, signature time:X,server time:${time}` : '';
  const body = { error_code: code, error_msg: `signature expired${told}` };
  const headers: Record<string, string> = by === 'its Date' ? { date: ahead.toUTCString() } : {};
  const { server, client } = await scripted(reply(401, body, headers));
  const { projectId } = simulator;
  for (const kind of ['again', 'refused']) {
    expect((await client.detail({ projectId, jobId: '10' })).kind).toBe(kind);
  }
  const signedAt = server.seen.map(({ headers }) => String(headers['x-sdk-date']).slice(0, 11));
  expect(signedAt[1]).toBe(ahead.toISOString().replaceAll('-', '').slice(0, 11));
  expect(signedAt[1]).not.toBe(signedAt[0]);
});

test('a look and a request that are refused side by side do not stop the key', async () => {
  keys.clockAheadMs = HOUR;
  const client = clientOf(simulator.url);
  const both = () => Promise.all([client.detail(job()), client.restart(job())]);
  expect((await both()).map(({ kind }) => kind)).toEqual(['again', 'not-sent']);
  expect((await both()).map(({ kind }) => kind)).toEqual(['read', 'accepted']);
  expect(simulator.requests().filter(({ outcome }) => outcome === 401)).toHaveLength(2);
});

test('a correction that does not help is the last one: no key is locked by a gateway that tells other times', async () => {
  const client = clientOf(simulator.url);
  const kinds: string[] = [];
  for (let call = 1; call <= 8; call += 1) {
    keys.clockAheadMs = call * 0.7 * HOUR;
    const both = await Promise.all([client.detail(job()), client.restart(job())]);
    kinds.push(both.map(({ kind }) => kind).join(' and '));
  }
  expect(kinds).toEqual(['again and not-sent', ...Array(7).fill('refused and refused')]);
  // More than 5 in a row would lock the key.
  expect(simulator.requests()).toHaveLength(4);
});

test('a clock is corrected three times in 5 minutes at most', async () => {
  const client = clientOf(simulator.url);
  const kinds: string[] = [];
  for (let step = 1; step <= 4; step += 1) {
    keys.clockAheadMs = step * 0.7 * HOUR;
    kinds.push((await client.detail(job())).kind, (await client.detail(job())).kind);
  }
  const corrected = ['again', 'read'];
  expect(kinds).toEqual([...corrected, ...corrected, ...corrected, 'refused', 'refused']);
});

test('after the pause the clock is corrected anew', async () => {
  stopClocks();
  onClose(async () => void jest.useRealTimers());
  const client = clientOf(simulator.url);
  for (const ahead of [1, 2, 3]) {
    keys.clockAheadMs = ahead * HOUR;
    await client.detail(job());
  }
  expect(await client.detail(job())).toMatchObject({ kind: 'refused' });
  expect(simulator.requests()).toHaveLength(3);
  jest.advanceTimersByTime(5 * 60_000 + 1);
  expect((await client.detail(job())).kind).toBe('again');
  expect((await client.detail(job())).kind).toBe('read');
});

test('a difference of more than 6 h is not believed: the call is refused', async () => {
  keys.clockAheadMs = 6.5 * HOUR;
  const client = clientOf(simulator.url);
  expect(await client.detail(job())).toMatchObject({
    kind: 'refused',
    error: { code: 'APIGW.0301' },
  });
});

test('a clock that is set right later is followed', async () => {
  keys.clockAheadMs = 2 * HOUR;
  const client = clientOf(simulator.url);
  await client.detail(job());
  expect((await client.detail(job())).kind).toBe('read');
  keys.clockAheadMs = 0;
  expect((await client.detail(job())).kind).toBe('again');
  expect((await client.detail(job())).kind).toBe('read');
});
