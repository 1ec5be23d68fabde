import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { SettingsError } from './config.js';
import type { Logger } from './log.js';
import { SEARCH_ATTRIBUTES } from './names.js';
import { loadTemporalProfile } from './temporal-profile.js';

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
  const profile = loadTemporalProfile(environment, (problem) => new SettingsError([problem]));
  const { connectionOptions, namespace, address } = profile;
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
