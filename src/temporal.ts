import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { answerBy, NoAnswer } from './answer-by.js';
import { orAborted } from './domain/or-aborted.js';
import { loadTemporalProfile, SettingsError } from './environment.js';
import type { Logger } from './log.js';
import { refusalOf, whyInWords } from './temporal-refusal.js';

const RETRY_CONNECT_MS = 1_000;

/** A call that has no answer after this time is given up and repeated. */
const ANSWER_WITHIN_MS = 10_000;

/** gRPC status `UNIMPLEMENTED`. */
const UNIMPLEMENTED = 12;

/** A connection, and the namespace that the environment or the profile names. */
export interface TemporalAccess {
  connection: NativeConnection;
  namespace: string;
  address: string;
}

/** Temporal could not be reached in time. */
export class ConnectTimedOut extends Error {
  override readonly name = 'ConnectTimedOut';
  constructor(address: string, waitedMs: number, why: string) {
    super(
      `Temporal did not answer at ${address} within ${waitedMs / 1_000}s (${why}). ` +
        'Start it, or set TEMPORAL_ADDRESS to where it listens.',
    );
  }
}

/**
 * Connects with Temporal's standard variables and `temporal.toml`, and checks that the namespace
 * exists. Tries again until `waitMs` have passed.
 *
 * @throws ConnectTimedOut when the time is up; AccessRefused if trying again is of no use; the
 * signal's reason when it aborts
 */
export async function connectToTemporal(
  environment: NodeJS.ProcessEnv,
  waitMs: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<TemporalAccess> {
  const profile = loadTemporalProfile(environment, (problem) => new SettingsError([problem]));
  const { connectionOptions, namespace, address } = profile;
  const deadline = Date.now() + waitMs;
  // Kept after a failed check, because it reconnects by itself. Closing the last connection would end
  // the SDK's runtime.
  let connection: NativeConnection | undefined;
  let why: string | undefined;
  for (let tries = 1; ; tries += 1) {
    try {
      const untilMs = Math.min(Date.now() + ANSWER_WITHIN_MS, deadline);
      connection ??= await answerBy(untilMs, NativeConnection.connect(connectionOptions), signal);
      await answerBy(untilMs, checkNamespace(connection, namespace, untilMs), signal);
      return { connection, namespace, address };
    } catch (error) {
      signal.throwIfAborted();
      const refusal = refusalOf(error, { address, namespace });
      if (refusal !== undefined) throw refusal;
      // The last try may have too little time to fail with its real reason. Then keep the earlier one.
      if (why === undefined || !(error instanceof NoAnswer)) why = whyInWords(error);
      if (Date.now() >= deadline) throw new ConnectTimedOut(address, waitMs, why);
      if (tries === 1) logger.info({ address, waitMs, why }, 'Waiting for Temporal');
      await orAborted(pause(Math.min(RETRY_CONNECT_MS, deadline - Date.now())), signal);
    }
  }
}

async function checkNamespace(
  connection: NativeConnection,
  namespace: string,
  deadline: number,
): Promise<void> {
  try {
    // Ends the call itself a little after the caller has given up.
    await connection.withDeadline(deadline + 1_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    // A replacement for Temporal may lack this call, and the worker can do without it.
    if ((error as { code?: unknown }).code !== UNIMPLEMENTED) throw error;
  }
}
