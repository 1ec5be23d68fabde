import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../e2e/free-port.js';
import { uniqueTaskQueue } from '../setup/temporal.js';
import { callCli } from './call-cli.js';
import { doctor } from './call-doctor.js';
import type { Variables } from './cli-process.js';
import { openCliStage, type CliStage } from './cli-stage.js';

let stage: CliStage;
const servers: Server[] = [];
beforeAll(async () => {
  stage = await openCliStage({ list: true });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await stage.close();
});

const complete = (): Variables => ({
  ...stage.variables,
  MODELARTS_ENDPOINT: stage.simulator.url,
  HW_ACCESS_KEY: 'ACCESSKEYOFTHETEST',
  HW_SECRET_KEY: 'secret-key-CanaryOfTheTests',
});

/** A ModelArts whose clock is off. */
async function startOffClock(offMs: number): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() + offMs).toUTCString());
    response.end(JSON.stringify({ jobs: [], job_total_count: 0 }));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('finds all well, and changes nothing', async () => {
  const before = stage.simulator.requests().length;
  const { code, stdout } = await callCli(['doctor'], complete());
  expect(code).toBe(0);
  for (const check of ['Temporal', 'namespace', 'worker', 'search attributes', 'settings']) {
    expect(stdout).toContain(`✓ ${check}`);
  }
  for (const check of ['endpoint', 'clock', 'credentials']) {
    expect(stdout).toContain(`✓ ${check}`);
  }
  expect(stdout).toContain('Restarts are possible.');
  expect(stdout).not.toContain('secret-key-CanaryOfTheTests');
  const asked = stage.simulator.requests().slice(before);
  expect(asked.filter(({ operation }) => operation === 'list')).toHaveLength(1);
  expect(asked.some(({ operation }) => operation === 'restart' || operation === 'stop')).toBe(
    false,
  );
});

it('tells the gateway’s limit that the worker is set to', async () => {
  const told = await callCli(['doctor'], { ...complete(), MODELARTS_RATE_LIMIT: '200/5m,5/1s' });
  expect(told.stdout).toContain(
    '✓ rate limit         200 calls per 5 min and 5 calls per 1 s (MODELARTS_RATE_LIMIT)',
  );
  expect((await callCli(['doctor'], complete())).stdout).toContain(
    '✓ rate limit         none is set: the worker learns it',
  );
});

it('names a missing worker, and how to start one', async () => {
  const taskQueue = uniqueTaskQueue('nobody');
  const { code, findings } = await doctor({ ...complete(), TEMPORAL_TASK_QUEUE: taskQueue });
  expect(code).toBe(1);
  const worker = findings.find(({ check }) => check === 'worker')!;
  expect(worker).toMatchObject({ result: 'obstacle' });
  expect(worker.message).toContain(taskQueue);
  expect(worker.todo).toContain('modelarts-restarter worker');
});

it('ends with 3 where Temporal does not answer, and checks ModelArts all the same', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const found = await doctor({ ...complete(), TEMPORAL_ADDRESS: address });
  expect(found.code).toBe(3);
  expect(found.findings[0]!.message).toContain(`${address} (connection refused, ECONNREFUSED)`);
  expect([found.result('Temporal'), found.result('credentials')]).toEqual(['obstacle', 'ok']);
});

it('ends with 3 where the namespace is not there', async () => {
  const found = await doctor({ ...complete(), TEMPORAL_NAMESPACE: 'nowhere' });
  expect([found.code, found.result('namespace')]).toEqual([3, 'obstacle']);
});

it('only notes that ModelArts is not set up here: the worker may be elsewhere', async () => {
  const found = await doctor(stage.variables);
  expect([found.code, found.ok, found.result('settings')]).toEqual([0, true, 'note']);
  const { todo } = found.findings.find(({ check }) => check === 'settings')!;
  for (const name of ['HW_REGION_NAME', 'MODELARTS_ENDPOINT', 'HW_ACCESS_KEY', 'HW_SECRET_KEY']) {
    expect(todo).toContain(name);
  }
});

it('names settings that a worker would not start with', async () => {
  const found = await doctor({ ...stage.variables, HW_ACCESS_KEY: 'ALONE' });
  expect([found.code, found.result('settings')]).toEqual([1, 'obstacle']);
});

it('says what is wrong with refused credentials', async () => {
  const refusal = { status: 401, code: 'APIGW.0301', message: 'Incorrect IAM authentication' };
  const fault = stage.simulator.fault({ operation: 'list', kind: 'refuse', ...refusal });
  const { code, findings } = await doctor(complete());
  expect(fault.fired).toBe(1);
  expect(code).toBe(1);
  expect(findings.find(({ check }) => check === 'credentials')).toMatchObject({
    result: 'obstacle',
    message: expect.stringContaining('APIGW.0301') as string,
    todo: expect.stringContaining('clock') as string,
  });
});

it('only notes that the list is refused, where a single job is not: restarts do without', async () => {
  const refusal = { status: 403, code: 'ModelArts.0112', message: 'No such right.' };
  const fault = stage.simulator.fault({ operation: 'list', kind: 'refuse', times: 1, ...refusal });
  const { code, findings } = await doctor(complete());
  expect(fault.fired).toBe(1);
  expect(code).toBe(0);
  expect(findings.find(({ check }) => check === 'credentials')).toMatchObject({
    result: 'note',
    message: expect.stringContaining('not list them (ModelArts.0112') as string,
  });
});

it('names rights that are missing for both as an obstacle', async () => {
  const refusal = { status: 403, code: 'ModelArts.0112', message: 'No such right.' };
  const faults = (['list', 'detail'] as const).map((operation) =>
    stage.simulator.fault({ operation, kind: 'refuse', times: 1, ...refusal }),
  );
  const found = await doctor(complete());
  expect(faults.map(({ fired }) => fired)).toEqual([1, 1]);
  expect([found.code, found.result('credentials')]).toEqual([1, 'obstacle']);
});

it('only notes that the credentials could not be tried without a project', async () => {
  const { HW_PROJECT_ID: _, ...variables } = complete();
  const found = await doctor(variables);
  expect([found.code, found.result('credentials')]).toEqual([0, 'note']);
});

it('names an endpoint that does not answer', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const found = await doctor({ ...complete(), MODELARTS_ENDPOINT: endpoint });
  expect([found.code, found.result('endpoint')]).toEqual([1, 'obstacle']);
});

it.each([
  ['agrees to a few seconds', 4_000, 'ok', 0],
  ['is 10 minutes slow', 10 * 60_000, 'note', 0],
  ['is 20 minutes slow, which the worker corrects', 20 * 60_000, 'note', 0],
  ['is 7 hours slow', 7 * 60 * 60_000, 'obstacle', 1],
  ['is 20 seconds fast', -20_000, 'note', 0],
  ['is 20 minutes fast', -20 * 60_000, 'obstacle', 1],
])('a clock that %s', async (_, offMs, result, code) => {
  const found = await doctor({ ...complete(), MODELARTS_ENDPOINT: await startOffClock(offMs) });
  expect([found.code, found.result('clock')]).toEqual([code, result]);
});
