import { Client, Connection } from '@temporalio/client';
import type { Child, Kit } from './kit.js';
import { SimulatorProcess } from './simulator-process.js';

const TASK_QUEUE = 'modelarts-restarts';

/** A Temporal server, a ModelArts and a client, for one measurement. */
export interface Stage {
  address: string;
  serverPid: number;
  simulator: SimulatorProcess;
  client: Client;
  taskQueue: string;
}

export async function setStage(kit: Kit): Promise<Stage> {
  const server = await kit.startTemporal();
  kit.atEnd(() => server.close());
  const { address, pid: serverPid } = server;
  const simulator = await SimulatorProcess.start(kit);
  const connection = await Connection.connect({ address });
  kit.atEnd(() => connection.close());
  const client = new Client({ connection });
  return { address, serverPid, simulator, client, taskQueue: TASK_QUEUE };
}

/** Starts a worker, by default the one that is measured. Its looks are told by its access key. */
export async function startWorker(
  kit: Kit,
  stage: Stage,
  options: { program?: string; accessKey?: string; env?: Record<string, string> } = {},
): Promise<Child> {
  const { accessKey = 'BENCHKEY', env = {}, ...program } = options;
  const keys = { HW_ACCESS_KEY: accessKey, HW_SECRET_KEY: 'bench-secret-key' };
  const worker = kit.startWorker(stage, { ...program, env: { ...keys, ...env } });
  kit.atEnd(() => worker.close());
  await worker.says(/Listening/);
  return worker;
}
