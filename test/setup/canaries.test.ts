import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { CANARY, hasCredential, PLANTED, scanHistories } from './canaries.mjs';
import { forgetHeard, listenTo } from './listen.js';
import { eventually } from './stage.js';
import { connectToTestServer } from './temporal.js';

const SECRET = `key-${CANARY}-01`;

it.each([
  ['as it is', `refused: ${SECRET}.`],
  ['in JSON in JSON', JSON.stringify({ error: JSON.stringify({ message: `"${SECRET}"` }) })],
  ['in a URL', encodeURIComponent(`key=${SECRET}&/`)],
  ...[0, 1, 2, 3].map((before): [string, string] => [
    `in Base64, ${before} bytes from its start`,
    Buffer.from(`${'x'.repeat(before)}${SECRET} and more`).toString('base64'),
  ]),
])('a credential is found %s', (_how, text) => {
  expect(hasCredential(text)).toBe(true);
  expect(hasCredential(Buffer.from(text))).toBe(true);
});

it('nothing is found in other texts', () => {
  expect(
    hasCredential(readFileSync(path.join(__dirname, 'stage.ts'), 'utf8').replaceAll(CANARY, '')),
  ).toBe(false);
});

it('what a program shows is heard', () => {
  expect(listenTo('somebody', 'nothing')).toBe('nothing');
  expect(forgetHeard()).toEqual([]);
  const { TEST_HEARD: file } = process.env;
  process.env['TEST_HEARD'] = '';
  listenTo('somebody', SECRET);
  process.env['TEST_HEARD'] = file;
  expect(forgetHeard()).toEqual([`somebody: ${SECRET}`]);
});

describe('in histories', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => {
    env = await connectToTestServer();
  });
  afterAll(() => env.teardown());

  it.each([
    ['an input', { args: [{ reason: `the ${PLANTED}` }] }],
    [
      'a part of an input in Base64',
      { args: [{ data: [Buffer.from(`ab${PLANTED}cd`).toString('base64')] }] },
    ],
    ['a memo', { args: [], memo: { note: PLANTED } }],
  ])('one that is planted in %s is found', async (_where, options) => {
    const { workflow } = env.client;
    const workflowId = `planted-${randomUUID()}`;
    const handle = await workflow.start('planted', {
      workflowId,
      taskQueue: workflowId,
      ...options,
    });
    await handle.terminate();
    const query = `WorkflowId = '${workflowId}'`;
    await eventually(async () => (await workflow.count(query)).count || undefined);
    const { workflows, planted, leaks } = await scanHistories(env.client, query);
    expect(workflows).toBe(1);
    expect(planted).toBeGreaterThan(0);
    expect(leaks).toEqual([]);
  });
});

const TESTS = path.join(__dirname, '..');

/** Where tests start programs that talk to Temporal or to people. */
const WITH_PROGRAMS = ['browser', 'cli', 'client', 'e2e', 'nexus', 'setup', 'workflows'];

it('every credential of these tests has a canary', () => {
  const files = WITH_PROGRAMS.flatMap((folder) =>
    readdirSync(path.join(TESTS, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name)),
  );
  const given = files.flatMap((file) => {
    const text = readFileSync(path.join(TESTS, file), 'utf8');
    const settings = text.matchAll(
      /\b(?:HW_SECRET_KEY|HW_AUTH_TOKEN|HW_SECURITY_TOKEN|HW_USER_PASSWORD|TEMPORAL_API_KEY|secretKey|securityToken|password|token): '([^']+)'/g,
    );
    return [...settings].map(([, value]) => `${file}: ${value}`);
  });
  expect(given.length).toBeGreaterThan(15);
  expect(given.filter((line) => !line.includes(CANARY))).toEqual([]);
});
