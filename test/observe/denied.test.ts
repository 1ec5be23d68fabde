import type { MetricMeter } from '@temporalio/common';
import {
  type AuthenticateOptions,
  type IamOptions,
  startSimulator,
  type Simulator,
} from '../../simulator/index.js';
import type { CredentialSettings } from '../../src/modelarts/client.js';
import { WorkerMetrics } from '../../src/observe/metrics.js';
import { ModelArtsState } from '../../src/observe/modelarts-state.js';
import { AK_SK, clientOf, closeAll, onClose, PROJECT } from '../modelarts/scripted-client.js';

const HOUR_MS = 3_600_000;
const JOB = { projectId: PROJECT, jobId: '10' };
const { accessKey, secretKey, securityToken } = AK_SK;

afterEach(closeAll);

/** A client whose answers are counted as a worker counts them. */
async function observe(
  authenticate: AuthenticateOptions,
  credentials: (simulator: Simulator) => CredentialSettings,
  iam?: IamOptions,
) {
  const simulator = await startSimulator({ authenticate, ...(iam && { iam }) });
  onClose(() => simulator.close());
  simulator.addJob({ jobId: JOB.jobId, status: 12 });
  const counts = new Map<string, number>();
  const counter = {
    add: (by: number, { operation, result }: { operation: string; result: string }) => {
      const name = `${operation} ${result}`;
      counts.set(name, (counts.get(name) ?? 0) + by);
    },
  };
  const metrics = new WorkerMetrics({
    createCounter: () => counter,
    createHistogram: () => ({ record: () => undefined }),
  } as unknown as MetricMeter);
  const state = new ModelArtsState();
  const client = clientOf(simulator.url, {
    credentials: credentials(simulator),
    onAnswer: (answered) => {
      metrics.answered(answered);
      state.answered(answered.answer);
    },
  });
  const counted = () => Object.fromEntries([...counts].filter(([, count]) => count > 0));
  return { simulator, client, state, counted };
}

it('does not count a token that ends and is renewed as denied', async () => {
  const iam: IamOptions = {
    users: [{ name: 'restarter', password: 'password-CanaryOfTheTests', domain: 'acme' }],
    projects: [{ id: PROJECT, name: 'cn-north-4' }],
  };
  const login = (simulator: Simulator): CredentialSettings => ({
    kind: 'login',
    authUrl: simulator.url,
    userName: 'restarter',
    password: { value: 'password-CanaryOfTheTests' },
    domainName: 'acme',
    project: { name: 'cn-north-4' },
  });
  const { simulator, client, state, counted } = await observe({}, login, iam);
  expect((await client.detail(JOB)).kind).toBe('read');
  simulator.endCredentials();
  expect((await client.restart(JOB)).kind).toBe('not-sent');
  // The service is there, whatever it thinks of the token.
  expect(state.report).toMatchObject({ ok: true, lastError: { code: 'APIGW.0307' } });
  expect((await client.restart(JOB)).kind).toBe('accepted');
  simulator.endCredentials();
  expect((await client.detail(JOB)).kind).toBe('again');
  expect((await client.detail(JOB)).kind).toBe('read');
  expect(simulator.requests().filter(({ outcome }) => outcome === 401)).toHaveLength(2);
  expect(counted()).toEqual({
    'detail read': 2,
    'detail again': 1,
    'restart not-sent': 1,
    'restart accepted': 1,
  });
});

it('does not count a clock that is corrected as denied', async () => {
  const keys = { accessKey, secretKey, securityToken, clockAheadMs: 2 * HOUR_MS };
  const { client, counted } = await observe(keys, () => AK_SK);
  expect((await client.detail(JOB)).kind).toBe('again');
  expect((await client.detail(JOB)).kind).toBe('read');
  expect(counted()).toEqual({ 'detail again': 1, 'detail read': 1 });
});

it('counts a refusal for good as denied', async () => {
  const keys = { accessKey, secretKey: 'another-CanaryOfTheTests', securityToken };
  const { client, counted } = await observe(keys, () => AK_SK);
  expect((await client.detail(JOB)).kind).toBe('refused');
  expect(counted()).toEqual({ 'detail denied': 1 });
});
