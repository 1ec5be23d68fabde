import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AK_SK, clientOf, closeAll, onClose, PROJECT } from './scripted-client.js';
import { serve, type Script } from './scripted-server.js';
import { stopClocks } from './stopped-clocks.js';

afterEach(async () => {
  jest.useRealTimers();
  await closeAll();
});

const OTHER = 'f'.repeat(32);
const JOB = { projectId: PROJECT, jobId: '10' };
const FINE = JSON.stringify({ is_success: true, job_id: 10, status: 12 });

async function open(script: Script): Promise<Awaited<ReturnType<typeof serve>>> {
  const server = await serve(script);
  onClose(() => server.close());
  return server;
}

const tokenOf = (nth: number): string => `token-CanaryOfTheTests-${nth}`;

/** IAM, which is away while `isUp` says so. */
async function iam(isUp: () => boolean = () => true) {
  let logins = 0;
  const server = await open((_, response) => {
    if (!isUp()) return response.writeHead(503).end('{}');
    logins += 1;
    const ends = new Date(Date.now() + 86_400_000).toISOString();
    response.writeHead(201, { 'x-subject-token': tokenOf(logins) });
    return response.end(JSON.stringify({ token: { expires_at: ends } }));
  });
  const login = {
    kind: 'login',
    authUrl: server.endpoint,
    userName: 'u',
    password: { value: 'password-CanaryOfTheTests' },
    domainName: 'd',
    project: { id: PROJECT },
  } as const;
  return { login, logins: () => logins };
}

/** A service that says of one project that it is another one than that of the credentials. */
const service: Script = ({ url }, response) => {
  if (!url.includes(OTHER)) return response.end(FINE);
  response.writeHead(401, { 'content-type': 'application/json' });
  return response.end(JSON.stringify({ error_code: 'ModelArts.0210', error_msg: 'other project' }));
};

test('refusals of a wrong project do not count against the access key', async () => {
  const { endpoint, seen } = await open(service);
  const client = clientOf(endpoint, { credentials: AK_SK });
  expect(await client.detail(JOB)).toMatchObject({ kind: 'read' });
  const wrong = ['1', '2'].map((jobId) => client.detail({ projectId: OTHER, jobId }));
  expect((await Promise.all(wrong)).map(({ kind }) => kind)).toEqual(['refused', 'refused']);
  expect(await client.detail(JOB)).toMatchObject({ kind: 'read' });
  expect(seen).toHaveLength(4);
});

test('refusals of a wrong project renew no token', async () => {
  const { login, logins } = await iam();
  const { endpoint } = await open(service);
  const client = clientOf(endpoint, { credentials: login });
  for (let nth = 0; nth < 5; nth += 1) {
    expect(await client.detail({ projectId: OTHER, jobId: '1' })).toMatchObject({
      kind: 'refused',
    });
    expect(await client.detail(JOB)).toMatchObject({ kind: 'read' });
  }
  expect(logins()).toBe(1);
});

test('calls that were never sent for want of credentials leave the budget as it was', async () => {
  let isUp = false;
  const { login } = await iam(() => isUp);
  const { endpoint, seen } = await open((_, response) => response.end('{"is_success":true}'));
  const rateLimits = [{ calls: 20, windowMs: 300_000 }];
  const client = clientOf(endpoint, { rateLimits, credentials: login });
  for (let id = 1; id <= 25; id += 1) {
    const answer = await client.restart({ projectId: PROJECT, jobId: String(id) });
    expect(answer).toMatchObject({ kind: 'not-sent' });
  }
  expect(seen).toEqual([]);
  isUp = true;
  await sleep(1_200);
  expect(await client.restart({ projectId: PROJECT, jobId: '99' })).toEqual({ kind: 'accepted' });
}, 20_000);

test('failing renewals do not push the keys in use out of what is hidden', async () => {
  stopClocks();
  const keys = {
    access: 'TEMPACCESSKEY0000001',
    secret: 'secret-key-CanaryOfTheTests',
    securitytoken: 'security-token-CanaryOfTheTests',
  };
  let metadataTokens = 0;
  let isBroken = false;
  const metadata = await open(({ method }, response) => {
    if (method === 'PUT') return response.end(`metadata-token-${(metadataTokens += 1)}-xxxx`);
    if (isBroken) return response.writeHead(500).end('{}');
    const ends = new Date(Date.now() + 3_600_000).toISOString();
    return response.end(JSON.stringify({ credential: { ...keys, expires_at: ends } }));
  });
  const { endpoint } = await open(({ headers }, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    const message = `bad header: ${String(headers['x-security-token'])}`;
    response.end(JSON.stringify({ error_code: 'ModelArts.0104', error_msg: message }));
  });
  const credentials = { kind: 'agency', metadataService: metadata.endpoint } as const;
  const client = clientOf(endpoint, { credentials });
  await client.detail(JOB);
  isBroken = true;
  jest.advanceTimersByTime(31 * 60_000);
  for (let nth = 0; nth < 24; nth += 1) {
    await client.detail(JOB);
    await sleep(30);
    jest.advanceTimersByTime(35_000);
  }
  expect(metadataTokens).toBeGreaterThan(12);
  const last = await client.detail(JOB);
  expect(last).toMatchObject({ kind: 'refused', error: { code: 'ModelArts.0104' } });
  expect(JSON.stringify(last)).not.toContain(keys.securitytoken);
});

test('a file that does not answer holds neither a call beyond its time nor the end', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fifo-'));
  onClose(async () => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'token');
  execFileSync('mkfifo', [file]);
  const { endpoint, seen } = await open((_, response) => response.end(FINE));
  const credentials = { kind: 'token-file', token: { file } } as const;
  const client = clientOf(endpoint, { credentials, requestTimeoutMs: 500 });
  const asked = client.restart(JOB, { sendBy: Date.now() + 500 });
  expect(await Promise.race([asked, sleep(4_000)])).toMatchObject({ kind: 'not-sent' });
  expect(await Promise.race([client.close().then(() => 'closed'), sleep(3_000)])).toBe('closed');
  expect(seen).toEqual([]);
  // Lets the read end.
  writeFileSync(file, 'token-CanaryOfTheTests');
}, 20_000);

test('a project name that IAM does not know is told at once', async () => {
  const { endpoint, seen } = await open((_, response) => response.end('{"projects":[]}'));
  const client = clientOf(endpoint, { projectLookUp: { authUrl: endpoint, name: 'typo' } });
  const none = { kind: 'none', error: { message: 'IAM knows no project of this name' } };
  expect(await client.defaultProject()).toEqual(none);
  expect(await client.defaultProject()).toEqual(none);
  expect(seen).toHaveLength(1);
});
