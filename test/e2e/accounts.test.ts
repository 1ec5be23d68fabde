import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  type AuthenticateOptions,
  type LoggedRequest,
  startSimulator,
  type Simulator,
} from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf } from '../setup/stage.js';
import { connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from './worker-process.js';

const TOKEN = 'token-CanaryOfTheTests';
const FIRST = { accessKey: 'FIRSTACCESSKEY000001', secretKey: 'first-key-CanaryOfTheTests' };
const SECOND = { accessKey: 'SECONDACCESSKEY00002', secretKey: 'second-key-CanaryOfTheTests' };

interface Account {
  /** What ModelArts tells its calls by. */
  sender: string;
  taskQueue: string;
  projects: string[];
  worker: WorkerProcess;
}

const keys: AuthenticateOptions = { ...FIRST, tokens: [TOKEN] };
let folder: string;
let env: TestWorkflowEnvironment;
let simulator: Simulator;
let one: Account;
let two: Account;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'accounts-'));
  [env, simulator] = await Promise.all([
    connectToTestServer(),
    startSimulator({ authenticate: keys }),
  ]);
  one = startAccount('one', TOKEN, { HW_AUTH_TOKEN: TOKEN });
  two = startAccount('two', FIRST.accessKey, {
    HW_ACCESS_KEY_FILE: hold('ak', FIRST.accessKey),
    HW_SECRET_KEY_FILE: hold('sk', FIRST.secretKey),
  });
  await Promise.all([one, two].map(({ worker }) => worker.logged('Listening')));
});
afterAll(async () => {
  endAllWorkers();
  await simulator.close();
  await env.teardown();
  rmSync(folder, { recursive: true });
});

/** Puts a file with this text in the place of the one of this name, as Kubernetes does, and returns its path. */
function hold(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(`${file}.new`, `${text}\n`);
  renameSync(`${file}.new`, file);
  return file;
}

function startAccount(name: string, sender: string, credentials: Record<string, string>): Account {
  const taskQueue = uniqueTaskQueue();
  const worker = startWorkerProcess({
    TEMPORAL_ADDRESS: env.address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    ...credentials,
  });
  const projects = ['a', 'b'].map((letter) => `${name}${letter}`.padEnd(32, '0'));
  return { sender, taskQueue, projects, worker };
}

/** Restarts a job of this project to the end. */
async function restart({ taskQueue }: Account, projectId: string, jobId: string) {
  simulator.addJob({ jobId, projectId, status: 12 });
  const args = [{ jobId, projectId, pollInterval: '1s' }];
  const workflowId = restartId(projectId, jobId);
  return endOf(
    await env.client.workflow.start('restartVisualizationJob', { taskQueue, workflowId, args }),
  );
}

const RUNNING = { status: 'completed', outcome: { outcome: 'running' } };

function senderOf({ headers }: LoggedRequest): string | undefined {
  return headers['x-auth-token'] ?? /Access=(\w+)/.exec(headers['authorization'] ?? '')?.[1];
}

it('a worker for each account uses its own credentials, for whatever project the input names', async () => {
  const accounts = [one, two];
  const restarts = accounts.flatMap((account, nth) =>
    account.projects.map((project, index) => restart(account, project, `${nth + 1}${index}`)),
  );
  for (const end of await Promise.all(restarts)) expect(end).toMatchObject(RUNNING);
  const seen = simulator.requests().map((request) => {
    const [project] = /\w{32}/.exec(request.path) ?? [];
    return `${senderOf(request)} ${project}`;
  });
  const expected = accounts.flatMap(({ sender, projects }) =>
    projects.map((of) => `${sender} ${of}`),
  );
  expect([...new Set(seen)].toSorted()).toEqual(expected.toSorted());
});

it('a worker goes on as the same process with the keys that replace others in its files', async () => {
  const { projects, worker } = two;
  expect(await restart(two, projects[0]!, '30')).toMatchObject(RUNNING);
  hold('ak', SECOND.accessKey);
  hold('sk', SECOND.secretKey);
  Object.assign(keys, SECOND);
  expect(await restart(two, projects[0]!, '31')).toMatchObject(RUNNING);
  const [accepted] = simulator.requests({ jobId: '31', operation: 'restart' }).slice(-1);
  expect({ sender: senderOf(accepted!), outcome: accepted!.outcome }).toEqual({
    sender: SECOND.accessKey,
    outcome: 200,
  });
  expect(simulator.acceptedRestarts('31')).toBe(1);
  await worker.logged('The credentials were read again from their files');
  expect(await worker.end('SIGTERM')).toBe(0);
});
