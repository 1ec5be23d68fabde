import { transformFile } from '@swc/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sleep } from './support/client.js';

/** The simulator as a process of its own, compiled file by file. */
const root = join(__dirname, '../..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const files = (await readdir(join(root, 'simulator'))).map((name) => `simulator/${name}`);
  for (const file of [...files, 'src/domain/status.ts']) {
    const { code } = await transformFile(join(root, file), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    const target = join(folder, file.replace(/ts$/, 'js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, code);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(folder, 'simulator/main.js'), ...args]);
  started.push(child);
  return child;
}

async function startUp(): Promise<{ child: ChildProcess; line: string; url: string }> {
  const child = start('--port', '0');
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  const line = chunk.toString();
  return { child, line, url: /MODELARTS_ENDPOINT=(\S+)/.exec(line)![1]! };
}

async function control(
  url: string,
  what: string,
  body?: unknown,
): Promise<{ status: number; answer: unknown }> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${url}/_simulator/${what}`, init);
  return { status: response.status, answer: await response.json() };
}

test('prints one line that says how to use it', async () => {
  const { line } = await startUp();
  expect(line.trimEnd().split('\n')).toHaveLength(1);
  expect(line).toMatch(
    /HW_PROJECT_ID=[0-9a-f]{32} .*jobs 10 KILLED, 11 RUNNING.*http:.*\/_simulator\//,
  );
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'ends with 0 on %s, with an exchange under way',
  async (signal) => {
    const { child, url } = await startUp();
    await control(url, 'faults', { operation: 'list', kind: 'delay', ms: 90_000 });
    const hung = fetch(`${url}/v1/${'0123456789abcdef'.repeat(2)}/visualization-jobs`);
    const failure = hung.catch((error: unknown) => error);
    while (((await control(url, 'requests')).answer as unknown[]).length === 0) await sleep(5);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(String(await failure)).toBe('TypeError: fetch failed');
  },
);

test.each([
  ['--port', '65536'],
  ['--port', 'x'],
  ['--prot', '1'],
])('ends with 2 on %s %s', async (...args) => {
  expect(await once(start(...args), 'exit')).toEqual([2, null]);
});

test('another process adds and moves jobs, installs faults and reads the log', async () => {
  const { url } = await startUp();
  const job = `${url}/v1/${'0123456789abcdef'.repeat(2)}/visualization-jobs/77`;
  expect(await control(url, 'jobs', { jobId: '77', status: 12 })).toMatchObject({ status: 201 });
  await control(url, 'faults', { operation: 'restart', kind: 'throttle', times: null });
  expect((await fetch(`${job}/restart`, { method: 'POST' })).status).toBe(429);
  expect((await fetch(`${job}/restart`, { method: 'POST' })).status).toBe(429);
  expect((await control(url, 'jobs/77/status', { status: 8 })).answer).toMatchObject({ status: 8 });
  expect((await control(url, 'jobs')).answer).toContainEqual(
    expect.objectContaining({ jobId: '77', status: 8 }),
  );
  expect((await control(url, 'requests?jobId=77&operation=restart')).answer).toMatchObject([
    { outcome: 429, fault: 'throttle' },
    { outcome: 429, fault: 'throttle' },
  ]);
});

test('the control API refuses what it does not know', async () => {
  const { url } = await startUp();
  expect((await control(url, 'job')).status).toBe(404);
  expect((await control(url, 'jobs', { jobId: 'x', status: 1 })).status).toBe(400);
  expect((await control(url, 'faults', { kind: 'x' })).status).toBe(400);
  expect((await control(url, 'jobs/4711/status', { status: 1 })).answer).toEqual({
    error: 'Error: The simulator has no job 4711',
  });
});
