import { Client, Connection } from '@temporalio/client';
import { TemporalUnreachableError } from '../client/errors.js';
import { ofTemporal } from '../client/temporal-call.js';
import { loadTemporalProfile } from '../temporal-profile.js';
import { UsageError } from './errors.js';

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
  const profile = loadTemporalProfile(environment, (problem) => new UsageError(problem));
  const { connectionOptions, namespace, address } = profile;
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
