import { once } from 'node:events';
import { Runtime } from '@temporalio/worker';
import { SettingsError } from '../environment.js';
import { keepError } from '../run-to-end.js';
import { type Logger, nativeLogging, temporalLogger } from '../log.js';
import { addressOf, listen, type ListenAddress } from './listen.js';

/** Another program may take a free port before the SDK does. */
const TRIES = 3;

/** 1 s up to the 7 days that a restart may take. The SDK's own buckets for activities end at 60 s. */
const WAITS_SECONDS = [
  0.1, 0.5, 1, 5, 15, 60, 300, 900, 1_800, 3_600, 14_400, 86_400, 259_200, 604_800,
];

/** The SDK uses these for each histogram whose name contains the key. */
const BUCKETS_SECONDS = {
  activity_execution_latency: WAITS_SECONDS,
  activity_succeed_endtoend_latency: WAITS_SECONDS,
  modelarts_restart_duration_seconds: [
    5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 259_200,
    604_800,
  ],
  modelarts_request_duration_seconds: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60, 300],
};

/**
 * Installs the SDK's runtime, which logs into the worker's log and serves `/metrics` where an address is
 * given.
 *
 * @returns the address of the metrics; `undefined` without one
 * @throws SettingsError if the address can't be had
 */
export async function installRuntime(
  logger: Logger,
  address: ListenAddress | undefined,
): Promise<string | undefined> {
  const logging = nativeLogging(logger);
  // The SDK must not handle signals itself, because the waits must end before it shuts down.
  const options = { logger: temporalLogger(logger, keepError), shutdownSignals: [] };
  if (address === undefined) {
    Runtime.install({ ...options, telemetryOptions: { logging } });
    return undefined;
  }
  for (let tries = 1; ; tries += 1) {
    const bindAddress = await freeAddress(address);
    const prometheus = {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: BUCKETS_SECONDS,
    };
    try {
      Runtime.install({ ...options, telemetryOptions: { logging, metrics: { prometheus } } });
      return bindAddress;
    } catch (error) {
      if (address.port === 0 && tries < TRIES) continue;
      const { message } = error as Error;
      throw new SettingsError([`${address.variable} can’t be used: ${message} (${bindAddress})`]);
    }
  }
}

/** Tries an address by listening there for a moment, because the SDK takes no host names and tells no port. */
async function freeAddress(address: ListenAddress): Promise<string> {
  const server = await listen(address);
  const free = addressOf(server);
  server.close();
  await once(server, 'close');
  return free;
}
