import { setTimeout as pause } from 'node:timers/promises';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { SettingsError, withoutEmpty } from './config.js';
import type { Logger } from './log.js';
import { SEARCH_ATTRIBUTES } from './names.js';

const RETRY_CONNECT_MS = 1_000;

/** How long what the namespace has registered is believed: `setup` may run while the worker does. */
const ATTRIBUTES_ARE_FRESH_MS = 60_000;

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/** A connection, and the namespace that the environment or the profile names. */
export interface TemporalAccess {
  connection: NativeConnection;
  namespace: string;
  address: string;
}

/** Temporal could not be reached in time. */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';
  constructor(address: string, waitedMs: number, why: string) {
    super(
      `Temporal did not answer at ${address} within ${waitedMs / 1_000}s (${why}). ` +
        'Start it, or set TEMPORAL_ADDRESS to where it listens.',
    );
  }
}

/**
 * Connects by Temporal's standard variables and `temporal.toml`; tries again until the time is up.
 *
 * @throws TemporalUnreachable when it is; the signal's reason when it aborts
 */
export async function connectToTemporal(
  environment: NodeJS.ProcessEnv,
  waitMs: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<TemporalAccess> {
  // An empty variable counts as absent; given to the SDK, an empty API key would turn TLS on.
  const overrideEnvVars = withoutEmpty(environment);
  const { connectionOptions, namespace = 'default' } = loadProfile(overrideEnvVars);
  const { address = 'localhost:7233' } = connectionOptions;
  const startedAt = Date.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return { connection: await NativeConnection.connect(connectionOptions), namespace, address };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (Date.now() - startedAt >= waitMs) throw new TemporalUnreachable(address, waitMs, why);
      if (tries === 1) logger.info({ address, waitMs, why }, 'Waiting for Temporal');
      await pause(Math.min(RETRY_CONNECT_MS, startedAt + waitMs - Date.now()), undefined, {
        signal,
      });
    }
  }
}

/** The SDK's own reading of the variables and of `temporal.toml`; what it can't read is a bad setting. */
function loadProfile(overrideEnvVars: Record<string, string>): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SettingsError([`Temporal’s settings (TEMPORAL_… or temporal.toml): ${why}`]);
  }
}

/**
 * Tells which of the project's search attributes the namespace has registered as Keyword. Where the
 * server does not say (some do not serve that call), none: a restart does without them.
 */
export function registeredAttributes({
  connection,
  namespace,
}: TemporalAccess): () => Promise<string[]> {
  let known: string[] = [];
  let askedAt = -Infinity;
  const ask = async (): Promise<string[]> => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace,
    });
    return SEARCH_ATTRIBUTES.filter((name) => Number(customAttributes?.[name]) === KEYWORD);
  };
  return async () => {
    if (Date.now() - askedAt < ATTRIBUTES_ARE_FRESH_MS) return known;
    try {
      known = await ask();
      askedAt = Date.now();
    } catch {
      // What was known is the best guess; the next restart asks again.
    }
    return known;
  };
}
