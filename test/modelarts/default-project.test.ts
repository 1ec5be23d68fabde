import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { eventually } from '../setup/stage.js';
import { AK_SK, clientOf, closeAll, onClose, PROJECT, TOKEN } from './scripted-client.js';

let simulator: Simulator;

beforeEach(async () => {
  const { accessKey, secretKey, securityToken } = AK_SK;
  simulator = await startSimulator({
    authenticate: { accessKey, secretKey, securityToken },
    iam: {
      users: [],
      projects: [
        { id: PROJECT, name: 'cn-north-4' },
        { id: 'f'.repeat(32), name: 'cn-north-4_lab' },
      ],
    },
  });
  onClose(() => simulator.close());
});
afterEach(closeAll);

const clientFor = (name: string, more: object = {}) =>
  clientOf(simulator.url, { projectLookUp: { authUrl: simulator.url, name }, ...more });
const asked = (): number => simulator.requests({ operation: 'projects' }).length;

test('a project is found by its name, with one signed call', async () => {
  const client = clientFor('cn-north-4_lab');
  const found = { kind: 'known', projectId: 'f'.repeat(32) };
  expect(await Promise.all([client.defaultProject(), client.defaultProject()])).toEqual([
    found,
    found,
  ]);
  expect(await client.defaultProject()).toEqual(found);
  expect(asked()).toBe(1);
});

test('while IAM is away, the answer is for later', async () => {
  const fault = simulator.fault({
    operation: 'projects',
    kind: 'html',
    status: 502,
    carriedOut: false,
  });
  const client = clientFor('cn-north-4');
  expect(await client.defaultProject()).toMatchObject({
    kind: 'later',
    error: { httpStatus: 502 },
  });
  expect(fault.fired).toBe(1);
  expect(await client.defaultProject()).toEqual({ kind: 'known', projectId: PROJECT });
});

test('refused credentials are no project, with the reason, and are not tried at each restart', async () => {
  const credentials = { ...AK_SK, secretKey: 'another-secret-key-CanaryOfTheTests' };
  const client = clientFor('cn-north-4', { credentials });
  for (let call = 1; call <= 5; call += 1) {
    expect(await client.defaultProject()).toMatchObject({
      kind: 'none',
      error: { code: 'APIGW.0301' },
    });
  }
  expect(asked()).toBe(1);
});

test.each([
  ['a token', TOKEN, 'APIGW.0307'],
  ['a token, by a code that nobody documents', TOKEN, 'IAM.0002'],
  ['a key, by such a code', AK_SK, 'IAM.0002'],
])('nor does IAM see %s again for each restart', async (_what, credentials, code) => {
  const fault = simulator.fault({
    operation: 'projects',
    kind: 'refuse',
    status: 401,
    code,
    message: 'no',
    times: 100,
  });
  const client = clientFor('cn-north-4', { credentials });
  for (let call = 1; call <= 10; call += 1) await client.defaultProject();
  expect(fault.fired).toBeGreaterThan(0);
  expect(fault.fired).toBeLessThanOrEqual(2);
});

test('once the key is corrected, the project is found at once', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'project-'));
  onClose(async () => rmSync(folder, { recursive: true }));
  const file = (name: string) => ({ file: path.join(folder, name) });
  const { accessKey, secretKey } = AK_SK;
  writeFileSync(file('ak').file, accessKey);
  writeFileSync(file('sk').file, 'another-secret-key-CanaryOfTheTests');
  const credentials = { kind: 'key-files', accessKey: file('ak'), secretKey: file('sk') } as const;
  const cloud = await startSimulator({
    authenticate: { accessKey, secretKey },
    iam: { users: [], projects: [{ id: PROJECT, name: 'cn-north-4' }] },
  });
  onClose(() => cloud.close());
  const projectLookUp = { authUrl: cloud.url, name: 'cn-north-4' };
  const client = clientOf(cloud.url, { credentials, projectLookUp });
  expect(await client.defaultProject()).toMatchObject({ kind: 'none' });
  writeFileSync(file('sk').file, secretKey);
  await expect(
    eventually(async () => {
      const found = await client.defaultProject();
      return found.kind === 'known' ? found : undefined;
    }),
  ).resolves.toEqual({ kind: 'known', projectId: PROJECT });
});

test('without a name or a login, nobody is asked', async () => {
  expect(await clientOf(simulator.url).defaultProject()).toEqual({ kind: 'none' });
  expect(simulator.requests()).toEqual([]);
});
