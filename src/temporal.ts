import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { answerBy, NoAnswer } from './answer-by.js';
import { loadTemporalProfile, SettingsError } from './environment.js';
import type { Logger } from './log.js';
import { refusalOf, whyInWords } from './temporal-refusal.js';

const RETRY_CONNECT_MS = 1_000;

/** A call without an answer is given up then, and made again. */
const ANSWER_WITHIN_MS = 10_000;

/** `UNIMPLEMENTED` of gRPC. */
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
 * Connects by Temporal's standard variables and `temporal.toml`, and asks for the namespace; tries
 * again until the time is up.
 *
 * @throws ConnectTimedOut when it is; AccessRefused where trying again is of no use; the
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
  // Kept over a failed check: it connects again by itself, and closing the last one ends the runtime.
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
      // The last try may have too little time left to fail in its own way.
      if (why === undefined || !(error instanceof NoAnswer)) why = whyInWords(error);
      if (Date.now() >= deadline) throw new ConnectTimedOut(address, waitMs, why);
      if (tries === 1) logger.info({ address, waitMs, why }, 'Waiting for Temporal');
      await pause(Math.min(RETRY_CONNECT_MS, deadline - Date.now()), undefined, { signal });
    }
  }
}

async function checkNamespace(
  connection: NativeConnection,
  namespace: string,
  deadline: number,
): Promise<void> {
  try {
    // A little later than the caller gives up, so that the connection forgets the call too.
    await connection.withDeadline(deadline + 1_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    // What stands in for Temporal need not know this call; the worker does without it too.
    if ((error as { code?: unknown }).code !== UNIMPLEMENTED) throw error;
  }
}
