import { startSimulator, type Simulator } from '../../simulator/index.js';
import { AK_SK, clientOf, closeAll, onClose, TOKEN } from './scripted-client.js';

const LARGE = '9007199254740993';

let simulator: Simulator;

beforeEach(async () => {
  const { accessKey, secretKey, securityToken } = AK_SK;
  simulator = await startSimulator({
    authenticate: { accessKey, secretKey, securityToken, tokens: [TOKEN.token] },
  });
  onClose(() => simulator.close());
  simulator.addJob({ jobId: LARGE, status: 12, name: 'large' });
  simulator.addJob({ jobId: '7', status: 8, name: 'seven' });
});
afterEach(closeAll);

const job = (jobId: string) => ({ projectId: simulator.projectId, jobId });

test.each([AK_SK, TOKEN])(
  'the simulator takes what the client sends ($kind)',
  async (credentials) => {
    const client = clientOf(simulator.url, { credentials });
    expect(await client.restart(job(LARGE))).toEqual({ kind: 'accepted' });
    expect(simulator.acceptedRestarts(LARGE)).toBe(1);
    expect(await client.detail(job(LARGE))).toMatchObject({
      kind: 'read',
      value: { status: { code: 7 } },
    });
    expect(await client.list(simulator.projectId, { perPage: 1 })).toMatchObject({
      kind: 'read',
      value: { total: 2, received: 1, jobs: [{ jobId: '7' }] },
    });
    expect(await client.stop(job('7'))).toEqual({ kind: 'accepted' });
  },
);

test('a wrong secret is refused with the code of the gateway, and nothing is done', async () => {
  const secretKey = 'another-secret-key-CanaryOfTheTests';
  const client = clientOf(simulator.url, { credentials: { ...AK_SK, secretKey } });
  expect(await client.restart(job(LARGE))).toMatchObject({
    kind: 'refused',
    error: { code: 'APIGW.0301', httpStatus: 401 },
  });
  expect(await client.detail(job(LARGE))).toMatchObject({ kind: 'refused' });
  expect(simulator.acceptedRestarts(LARGE)).toBe(0);
});

test('a job that runs is refused with its status', async () => {
  expect(await clientOf(simulator.url).restart(job('7'))).toMatchObject({
    kind: 'refused',
    jobStatus: 8,
    error: { code: 'ModelArts.0105', requestId: expect.any(String) as string },
  });
});

test.each([
  [{ kind: 'request-lost' }, 'ambiguous', 0],
  [{ kind: 'answer-lost' }, 'ambiguous', 1],
  [{ kind: 'cut-off-body' }, 'ambiguous', 1],
  [{ kind: 'reset-mid-body' }, 'ambiguous', 1],
  [{ kind: 'hang', carriedOut: true }, 'ambiguous', 1],
  [{ kind: 'hang-mid-body' }, 'ambiguous', 1],
  [{ kind: 'html', status: 502, carriedOut: false }, 'ambiguous', 0],
  [{ kind: 'throttle', retryAfter: 3 }, 'not-sent', 0],
  [{ kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'refused', 0],
] as const)('a restart that meets %j is %s', async (fault, kind, carriedOut) => {
  const client = clientOf(simulator.url, { requestTimeoutMs: 400 });
  const handle = simulator.fault({ operation: 'restart', ...fault });
  expect((await client.restart(job(LARGE))).kind).toBe(kind);
  expect(handle.fired).toBe(1);
  expect(simulator.acceptedRestarts(LARGE)).toBe(carriedOut);
  expect(simulator.requests({ operation: 'restart' }).length).toBe(1);
});
