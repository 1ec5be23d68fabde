import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { Child, Kit } from './kit.js';
import { SimulatorProcess } from './simulator-process.js';

/** A Temporal server, and a client of it. */
export interface Server {
  address: string;
  /** Empty if the server's processes are not known. */
  serverPids: readonly number[];
  client: Client;
}

/** A Temporal server and a ModelArts, for one measurement. */
export interface Stage extends Server {
  simulator: SimulatorProcess;
  taskQueue: string;
}

export async function startServer(kit: Kit): Promise<Server> {
  const server = await kit.startTemporal();
  kit.atEnd(() => server.close());
  const { address, pids: serverPids } = server;
  const connection = await Connection.connect({ address });
  kit.atEnd(() => connection.close());
  return { address, serverPids, client: new Client({ connection }) };
}

export async function setStage(kit: Kit, server?: Server): Promise<Stage> {
  const { address, serverPids, client } = server ?? (await startServer(kit));
  const simulator = await SimulatorProcess.start(kit);
  return { address, serverPids, client, simulator, taskQueue: queueName() };
}

/** Returns the stage with a project and a task queue that no other measurement uses. */
export function onOneself(stage: Stage): Stage {
  const projectId = randomUUID().replaceAll('-', '');
  return { ...stage, simulator: stage.simulator.ofProject(projectId), taskQueue: queueName() };
}

const queueName = (): string => `bench-${randomUUID()}`;

/** Starts a worker, by default the one that is measured. Its looks are told by its access key. */
export async function startWorker(
  kit: Kit,
  stage: Stage,
  options: { program?: string; accessKey?: string; env?: Record<string, string> } = {},
): Promise<Child> {
  const { accessKey = 'BENCHKEY', env = {}, ...program } = options;
  const own = {
    TEMPORAL_TASK_QUEUE: stage.taskQueue,
    HW_ACCESS_KEY: accessKey,
    HW_SECRET_KEY: 'bench-secret-key',
  };
  const worker = kit.startWorker(stage, { ...program, env: { ...own, ...env } });
  kit.atEnd(() => worker.close());
  await worker.says(/Listening/);
  return worker;
}
