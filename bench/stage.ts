import { Client, Connection } from '@temporalio/client';
import { startChild, type Child } from './child.js';
import type { Kit } from './kit.js';
import { findProcess } from './processes.js';
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
  const { address } = server;
  const port = ` --port ${address.split(':')[1]} `;
  const isServer = (command: string): boolean =>
    command.includes('start-dev') && command.includes(port) && !command.includes(kit.guard);
  const serverPid = await findProcess(({ command }) => isServer(command));
  if (serverPid === undefined) throw new Error('The Temporal server’s process was not found');
  const simulator = await SimulatorProcess.start(kit);
  const connection = await Connection.connect({ address });
  kit.atEnd(() => connection.close());
  const client = new Client({ connection });
  return { address, serverPid, simulator, client, taskQueue: TASK_QUEUE };
}

/** Starts a worker, by default the project's. Its access key marks its looks in the request log. */
export function startWorker(
  kit: Kit,
  stage: Stage,
  options: { program?: string; accessKey?: string; env?: Record<string, string> } = {},
): Promise<Child> {
  const { program = kit.worker, accessKey = 'BENCHKEY', env = {} } = options;
  return startChild(kit, program, {
    env: {
      TEMPORAL_ADDRESS: stage.address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_TASK_QUEUE: stage.taskQueue,
      MODELARTS_ENDPOINT: stage.simulator.url,
      HW_PROJECT_ID: stage.simulator.projectId,
      HW_ACCESS_KEY: accessKey,
      HW_SECRET_KEY: 'bench-secret-key',
      ...env,
    },
    until: /Listening/,
  });
}
