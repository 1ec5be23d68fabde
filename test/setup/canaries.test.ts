import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { ROOT } from '../../scripts/project.mjs';
import { CANARY, hasCredential, PLANTED, scanHistories } from './canaries.mjs';
import { forgetHeard, LISTENING_CODEC, listenTo } from './listen.js';
import { beQuiet, eventually } from './stage.js';
import { connectToTestServer, uniqueTaskQueue } from './temporal.js';

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

it('what a program shows is heard', async () => {
  expect(listenTo('somebody', 'nothing')).toBe('nothing');
  expect(forgetHeard()).toEqual([]);
  expect(await heardDuring(() => listenTo('somebody', SECRET))).toEqual([`somebody: ${SECRET}`]);
});

/** What is heard while a test shows a credential on purpose, which the run of all tests must not hear of. */
async function heardDuring(show: () => unknown): Promise<string[]> {
  const { TEST_HEARD: file } = process.env;
  process.env['TEST_HEARD'] = '';
  try {
    await show();
  } finally {
    process.env['TEST_HEARD'] = file;
  }
  return forgetHeard();
}

describe('in histories', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => {
    beQuiet();
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

  it.each([
    ['as it is', (text: string) => text],
    ['in Base64', (text: string) => Buffer.from(`ab${text}cd`).toString('base64')],
  ])('one in a heartbeat, %s, is heard, and found in a workflow that runs', async (_how, form) => {
    const [taskQueue, { client }] = [uniqueTaskQueue('heartbeat'), env];
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      activities: {
        async beat() {
          const context = Context.current();
          context.heartbeat({ lastError: [form(`${SECRET} ${PLANTED}`)] });
          await context.cancelled;
        },
      },
      dataConverter: { payloadCodecs: [LISTENING_CODEC] },
    });
    const handle = await client.workflow.start('planted', { taskQueue, workflowId: taskQueue });
    const query = `WorkflowId = '${taskQueue}'`;
    const heard = await heardDuring(() =>
      worker.runUntil(async () => {
        await scheduleActivity(env, taskQueue, 'beat');
        const found = await eventually(async () => {
          const scanned = await scanHistories(client, query);
          return scanned.planted > 0 ? scanned : undefined;
        });
        // Not in an event, but in what Temporal holds of the activity.
        expect(found).toMatchObject({ workflows: 1, leaks: [taskQueue] });
        await handle.terminate();
      }),
    );
    expect(heard).toEqual([expect.stringContaining('a worker, to Temporal: {"lastError":')]);
  });
});

/** Does what a worker does at the start of a workflow that begins with an activity. */
async function scheduleActivity(
  { client }: TestWorkflowEnvironment,
  taskQueue: string,
  activity: string,
): Promise<void> {
  const queue = { name: taskQueue };
  const { taskToken } = await client.withDeadline(Date.now() + 20_000, () =>
    client.workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue: queue }),
  );
  const SCHEDULE_ACTIVITY_TASK = 1;
  await client.workflowService.respondWorkflowTaskCompleted({
    namespace: 'default',
    taskToken,
    commands: [
      {
        commandType: SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: activity,
          activityType: { name: activity },
          taskQueue: queue,
          startToCloseTimeout: msToTs('1 minute'),
        },
      },
    ],
  });
}

/** A secret's name, and the text that is given to it. An access key's id is no secret. */
const GIVEN =
  /\b(?:HW_(?:SECRET_KEY|AUTH_TOKEN|SECURITY_TOKEN|USER_PASSWORD)|HUAWEICLOUD_SDK_(?:SK|SECURITY_TOKEN)|TEMPORAL_API_KEY|secretKey|secretAccessKey|securityToken|apiKey|password|token|x-(?:auth|security)-token)['"]?\]?\s*[:=]\s*(['"`])((?:(?!\1).)*)\1/gis;

/** Names a constant, whose text stands elsewhere. */
const BY_NAME = /^\$\{\w+\}/;

/** What stands for a secret where a test is about its form alone. The worker hides nothing as short as that. */
const PLACEHOLDER = /^.{1,7}$/s;

/** Tests of one class or function, without a program that shows or sends anything. */
const WITHOUT_PROGRAMS = /^test\/(?:config|contract|deploy|docs|modelarts|simulator)\//;

/** Signatures, or the disguises of a text, depend on these. */
const FIXED = [
  // Published examples of signing.
  'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc',
  'Us0mdMNHkABCDEFGHYrRCnW0ecfzl',
  // test/modelarts/fixtures/signing-vectors.json was made with these.
  'ExampleSecretKeyNotReal0123456789abcdefg',
  'example-security-token-value',
  // Escaped and disguised in each way.
  'example-iam-token+/=0123',
  'first<middle>last',
  'qXzJ7wVk${rest}',
];

it('every credential of the tests and scripts has a canary', () => {
  const files = ['test', 'scripts'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[cm]?[jt]s$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  const given = files.flatMap((file) =>
    [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(GIVEN)].map(([, , value = '']) => ({
      file,
      value,
    })),
  );
  expect(given.filter(({ value }) => value.includes(CANARY)).length).toBeGreaterThan(30);
  const others = given.filter(
    ({ file, value }) =>
      value !== '' &&
      !BY_NAME.test(value) &&
      !value.includes(CANARY) &&
      !FIXED.includes(value) &&
      !(WITHOUT_PROGRAMS.test(file) && PLACEHOLDER.test(value)),
  );
  expect(others).toEqual([]);
});
