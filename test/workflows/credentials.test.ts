import type { AuthenticateOptions, IamOptions, Simulator } from '../../simulator/index.js';
import type { CredentialSettings } from '../../src/modelarts/client.js';
import { endOf, openStage, type Stage, type StageOptions } from '../setup/stage.js';

const KEYS = { accessKey: 'TESTACCESSKEY', secretKey: 'SecretKeyCanaryOfTheTests' };
const TO_RUNNING = { restart: [7, 4, 8].map((status, i) => ({ afterMs: i * 500, status })) };

/** Said where a refused key keeps a call from being sent. */
const PAUSES =
  /not sent: this access key was refused, and is not used until 20\d\d-\S+Z, or until it changes: /;

const stages: Stage[] = [];
async function open(options: StageOptions): Promise<Stage> {
  const stage = await openStage(options);
  stages.push(stage);
  return stage;
}
afterAll(() => Promise.all(stages.map((stage) => stage.close())));

const refusals = (simulator: Simulator): number =>
  simulator.requests().filter(({ outcome }) => outcome === 401).length;

describe('a worker that logs in to IAM', () => {
  let stage: Stage;
  const iam: IamOptions = {
    users: [{ name: 'restarter', password: 'password-CanaryOfTheTests', domain: 'acme' }],
    projects: [],
  };
  const login = (
    simulator: Simulator,
    password = 'password-CanaryOfTheTests',
  ): CredentialSettings => ({
    kind: 'login',
    authUrl: simulator.url,
    userName: 'restarter',
    password: { value: password },
    domainName: 'acme',
    project: { name: 'cn-north-4' },
  });

  beforeAll(async () => {
    stage = await open({
      simulator: { iam, authenticate: {} },
      credentials: login,
      defaultProject: null,
    });
    iam.projects = [{ id: stage.projectId, name: 'cn-north-4' }];
  });

  test('waits for an IAM that hiccups, and takes the default project from its token', async () => {
    const { simulator } = stage;
    simulator.addJob({ jobId: '10', status: 12, timelines: TO_RUNNING });
    const fault = simulator.fault({
      operation: 'login',
      kind: 'status',
      status: 503,
      when: 'before',
      times: 2,
    });
    const end = await stage.restart({ jobId: '10' }, 'by-another-id');
    expect(end).toMatchObject({
      status: 'completed',
      outcome: { outcome: 'running', projectId: stage.projectId },
    });
    expect(fault.fired).toBe(2);
    expect(simulator.acceptedRestarts('10')).toBe(1);
  });

  test('renews a token that ends during a restart', async () => {
    const { simulator } = stage;
    simulator.addJob({ jobId: '11', status: 12, timelines: TO_RUNNING });
    const handle = await stage.start({ jobId: '11' });
    while (simulator.acceptedRestarts('11') === 0) await new Promise((r) => setTimeout(r, 20));
    const before = refusals(simulator);
    simulator.endCredentials();
    expect(await handle.result()).toMatchObject({ outcome: 'running' });
    expect(refusals(simulator)).toBeGreaterThan(before);
    expect(simulator.acceptedRestarts('11')).toBe(1);
  });
});

test('a login that is refused ends each restart as refused, with one login', async () => {
  const iam: IamOptions = { users: [], projects: [] };
  const stage = await open({
    simulator: { iam, authenticate: {} },
    credentials: (simulator) => ({
      kind: 'login',
      authUrl: simulator.url,
      userName: 'restarter',
      password: { value: 'wrong-password-CanaryOfTheTests' },
      domainName: 'acme',
      project: { name: 'cn-north-4' },
    }),
  });
  const ids = ['1', '2', '3', '4', '5'];
  for (const jobId of ids) stage.simulator.addJob({ jobId, status: 12 });
  const ends = await Promise.all(ids.map((jobId) => stage.restart({ jobId })));
  for (const end of ends) {
    expect(end).toMatchObject({
      status: 'failed',
      type: 'HTTP401',
      outcome: { outcome: 'refused', error: { httpStatus: 401 } },
    });
  }
  expect(JSON.stringify(ends)).not.toContain('wrong-password-CanaryOfTheTests');
  expect(stage.simulator.requests({ operation: 'login' })).toHaveLength(1);
});

test('a wrong secret ends every restart as refused, after two calls, and the others say that nothing was sent', async () => {
  const authenticate: AuthenticateOptions = { ...KEYS, secretKey: 'gateway-key-CanaryOfTheTests' };
  const stage = await open({ simulator: { authenticate } });
  const ids = Array.from({ length: 20 }, (_, i) => String(i + 1));
  for (const jobId of ids) stage.simulator.addJob({ jobId, status: 12 });
  const handles = await Promise.all(ids.map((jobId) => stage.start({ jobId })));
  const ends = await Promise.all(handles.map(endOf));
  for (const end of ends) {
    expect(end).toMatchObject({
      status: 'failed',
      type: 'APIGW.0301',
      outcome: { outcome: 'refused' },
    });
  }
  expect(refusals(stage.simulator)).toBe(2);

  const messages = ends.map((end) => ('outcome' in end ? end.outcome?.error?.message : undefined));
  const unsent = handles.filter((_, i) => PAUSES.test(messages[i] ?? ''));
  expect(unsent.length).toBeGreaterThanOrEqual(18);
  // What the Temporal UI shows.
  const { currentDetails } = await unsent[0]!.query<{ currentDetails: string }>(
    '__temporal_workflow_metadata',
  );
  expect(currentDetails).toMatch(PAUSES);
});

test('a clock that is two hours off delays a restart, and no more', async () => {
  const authenticate: AuthenticateOptions = { ...KEYS, clockAheadMs: 2 * 60 * 60_000 };
  const { simulator, restart } = await open({ simulator: { authenticate } });
  simulator.addJob({ jobId: '10', status: 12, timelines: TO_RUNNING });
  expect(await restart({ jobId: '10' })).toMatchObject({
    status: 'completed',
    outcome: { outcome: 'running' },
  });
  expect(refusals(simulator)).toBe(1);
});
