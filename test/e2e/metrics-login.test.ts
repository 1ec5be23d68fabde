import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FaultHandle, IamOptions } from '../../simulator/index.js';
import { type End, endOf, eventually } from '../setup/stage.js';
import { startObservedWorker, type ObservedWorker } from './observed-worker.js';

const BUILD = { deploymentName: `observed-${randomUUID()}`, buildId: 'b1' };
const TOKEN_LIFE_MS = 3 * 3_600_000;
const EXPIRY = 'modelarts_credentials_expiry_timestamp_seconds';
const REFUSED = 'modelarts_credentials_refused';

/*
 * A versioned worker that logs in to IAM, which does not answer at first. The steps build on one another.
 */
const user = { name: 'restarter', password: 'old-password-CanaryOfTheTests', domain: 'acme' };
const iam: IamOptions = { users: [user], projects: [], tokenLifetimeMs: TOKEN_LIFE_MS };
let observed: ObservedWorker;
let folder: string;
let passwordFile: string;
let away: FaultHandle;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'password-'));
  passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, user.password);
  observed = await startObservedWorker(
    (simulator) => {
      iam.projects = [{ id: simulator.projectId, name: 'cn-north-4' }];
      const fault = { kind: 'status', status: 503, when: 'before', times: Infinity } as const;
      away = simulator.fault({ operation: 'login', ...fault });
      return {
        HW_AUTH_TOKEN: '',
        HW_AUTH_URL: simulator.url,
        HW_USER_NAME: user.name,
        HW_USER_PASSWORD_FILE: passwordFile,
        HW_DOMAIN_NAME: user.domain,
        TEMPORAL_DEPLOYMENT_NAME: BUILD.deploymentName,
        TEMPORAL_WORKER_BUILD_ID: BUILD.buildId,
      };
    },
    { iam, authenticate: {}, projectId: randomUUID().replaceAll('-', '') },
  );
  const { client } = observed.env;
  const { namespace } = client.options;
  // Temporal knows the version once its worker polls.
  await eventually(() =>
    client.workflowService
      .setWorkerDeploymentCurrentVersion({ namespace, ...BUILD })
      .catch(() => undefined),
  );
});
afterAll(async () => {
  await observed.close();
  rmSync(folder, { recursive: true });
});

async function restart(jobId: string): Promise<End> {
  observed.simulator.addJob({ jobId, status: 12 });
  return endOf(await observed.start(jobId));
}

const isRefused = (value: number) =>
  eventually(async () => (await observed.scrape()).sum(REFUSED) === value || undefined);

it('is not ready without credentials, although it polls; nor are they refused', async () => {
  const { status, report } = await eventually(async () => {
    const now = await observed.health('readyz');
    return now.report.lastPoll === undefined ? undefined : now;
  });
  expect({ status, report }).toMatchObject({
    status: 503,
    report: { state: 'RUNNING', credentials: { from: 'IAM login', usable: false } },
  });
  expect(away.fired).toBeGreaterThan(0);
  const metrics = await observed.scrape();
  expect(metrics.sum(REFUSED)).toBe(0);
  expect(metrics.all.has(EXPIRY)).toBe(false);
});

it('tells its build, and when its token ends', async () => {
  away.remove();
  expect(await restart('1')).toMatchObject({ status: 'completed' });
  const end = Date.now() + TOKEN_LIFE_MS;
  const { buildId, credentials } = await observed.until('readyz', 200);
  expect(buildId).toBe('b1');
  expect(credentials).toEqual({
    from: 'IAM login',
    end: expect.stringMatching(/^20\d\d-.*Z$/) as string,
    usable: true,
  });
  expect(Math.abs(Date.parse(credentials?.end ?? '') - end)).toBeLessThan(60_000);
  const metrics = await eventually(async () => {
    const now = await observed.scrape();
    return now.all.has(EXPIRY) ? now : undefined;
  });
  expect(Math.abs(metrics.sum(EXPIRY) * 1_000 - end)).toBeLessThan(60_000);
  expect(metrics.sum('modelarts_restarter_build_info', { build_id: 'b1' })).toBe(1);
});

it('counts no denial where a token ends during a restart, and is renewed', async () => {
  observed.simulator.endCredentials();
  expect(await restart('2')).toMatchObject({ status: 'completed' });
  const metrics = await observed.scrape();
  expect(metrics.sum('modelarts_requests_total', { result: 'again' })).toBeGreaterThan(0);
  expect(metrics.sum('modelarts_requests_total', { result: 'denied' })).toBe(0);
});

it('is not ready once the login is refused, and is again with a password that IAM takes', async () => {
  user.password = 'new-password-CanaryOfTheTests';
  observed.simulator.endCredentials();
  expect(await restart('3')).toMatchObject({ outcome: { outcome: 'refused' } });
  // IAM refuses the login. ModelArts has answered, so it is there.
  expect(await observed.until('readyz', 503)).toMatchObject({
    credentials: { usable: false },
    modelarts: { ok: true },
  });
  await isRefused(1);
  writeFileSync(passwordFile, user.password);
  // Forgotten once two checks of the file, a second apart, have found the same password.
  await eventually(async () => (await restart('4')).status === 'completed' || undefined);
  await observed.until('readyz', 200);
  await isRefused(0);
});
