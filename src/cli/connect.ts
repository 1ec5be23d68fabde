import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { TemporalUnreachableError } from '../client/errors.js';
import { ofTemporal } from '../client/temporal-call.js';
import { UsageError } from './errors.js';
import { withoutEmpty } from './settings.js';

/** Somebody waits at a prompt: a worker that starts has more patience. */
const CONNECT_WITHIN_MS = 5_000;

export interface Temporal {
  client: Client;
  address: string;
  namespace: string;
}

/**
 * Connects by Temporal's standard variables and `temporal.toml`.
 *
 * @throws TemporalUnreachableError, TemporalRefusedError; UsageError where they can't be read
 */
export async function connect(environment: NodeJS.ProcessEnv): Promise<Temporal> {
  const { connectionOptions, namespace = 'default' } = loadProfile(environment);
  const { address = 'localhost:7233' } = connectionOptions;
  const options = { ...connectionOptions, address, connectTimeout: CONNECT_WITHIN_MS };
  const lazy = Connection.lazy(options);
  const client = new Client({ connection: lazy, namespace });
  try {
    await lazy.ensureConnected();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw ofTemporal(client, error) ?? new TemporalUnreachableError(address, why);
  }
  return { client, address, namespace };
}

function loadProfile(environment: NodeJS.ProcessEnv): ClientConnectConfig {
  try {
    // An empty variable counts as absent; given to the SDK, an empty API key would turn TLS on.
    return loadClientConnectConfig({ overrideEnvVars: withoutEmpty(environment) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Temporal’s settings (TEMPORAL_… or temporal.toml): ${why}`);
  }
}
