import { Client, Connection } from '@temporalio/client';
import { startSimulator, type Simulator } from '../simulator/index.js';
import { Crew } from './crew.js';
import { KEYS, type ChaosKit } from './kit.js';
import { PROJECTS } from './plan.js';
import { TemporalServer } from './temporal-server.js';

/** A simulator, a Temporal server, workers that listen, and a client. */
export interface Scene {
  simulator: Simulator;
  server: TemporalServer;
  crew: Crew;
  client: Client;
  /** How long the workers needed until they listened. */
  startUpMs: number;
}

/**
 * Sets the scene. Adds to `closing` what ends it, the last one first, also where a part can't be started.
 *
 * @param workerEnv what the workers' environment has beside their settings
 */
export async function setScene(
  kit: ChaosKit,
  workers: number,
  closing: (() => Promise<void> | void)[],
  workerEnv: NodeJS.ProcessEnv = {},
): Promise<Scene> {
  const simulator = await startSimulator({ projectId: PROJECTS[0]!, authenticate: KEYS });
  closing.push(() => simulator.close());
  const server = await TemporalServer.start(kit);
  closing.push(() => server.close());
  const { address } = server;
  const env = { address, endpoint: simulator.url, projectId: simulator.projectId };
  const crew = new Crew(kit, env, workers, workerEnv);
  closing.push(() => crew.close());
  const startUpMs = await crew.listening();
  const connection = await Connection.connect({ address });
  closing.push(() => connection.close());
  return { simulator, server, crew, client: new Client({ connection }), startUpMs };
}
