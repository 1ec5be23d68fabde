import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import { monotonicNow } from './modelarts/clock.js';
import { refusalOf, type TemporalAccess, whyInWords } from './temporal.js';

const KEPT_ERRORS = 10;

/** The SDK tries a call that Temporal refuses again for a minute, and gives up then. Older errors have passed. */
const RECENT_MS = 2 * 60_000;

const LOOK_MS = 250;

/**
 * How long to wait after all work has ended. The SDK then tells Temporal that the worker stops, and
 * would wait half a minute for an answer. A worker that has failed logs the reason a moment later.
 */
const LEAVE_MS = 1_000;

/** Something other than a signal has ended a running worker. */
export class WorkerFailed extends Error {
  override readonly name = 'WorkerFailed';
}

/** The last errors that the SDK logged, the newest first. Only its log says why a worker failed. */
const errors: { error: unknown; atMs: number }[] = [];

/** Keeps an error that the SDK has logged. */
export function keepError(error: unknown): void {
  errors.unshift({ error, atMs: monotonicNow() });
  errors.length = Math.min(errors.length, KEPT_ERRORS);
}

function recentErrors(): unknown[] {
  const since = monotonicNow() - RECENT_MS;
  return errors.filter(({ atMs }) => atMs >= since).map(({ error }) => error);
}

/**
 * Runs a worker until it has stopped.
 *
 * @throws AccessRefused if Temporal has refused the worker; WorkerFailed if something else has ended it
 */
export async function runToEnd(worker: Worker, access: TemporalAccess): Promise<void> {
  try {
    await run(worker);
  } catch (error) {
    throw whyFailed([...recentErrors(), error], access);
  }
}

/**
 * Also watches the worker's state, because `run()` of SDK 1.24 often never ends if the worker fails.
 *
 * @throws an error if the worker fails; it may be empty, with the reason in the log alone
 */
async function run(worker: Worker): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const seen = new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(new Error(''));
    timer = setInterval(() => {
      const state = worker.getState();
      if (state !== 'FAILED' && state !== 'STOPPED') return;
      clearInterval(timer);
      timer = setTimeout(state === 'FAILED' ? fail : resolve, LEAVE_MS);
    }, LOOK_MS);
  });
  try {
    const ran = worker.run().catch(async (error: unknown) => {
      await pause(LEAVE_MS);
      throw error;
    });
    await Promise.race([ran, seen]);
  } finally {
    clearInterval(timer);
  }
}

function whyFailed(errorsSeen: readonly unknown[], access: TemporalAccess): Error {
  for (const error of errorsSeen) {
    const refusal = refusalOf(error, access);
    if (refusal !== undefined) return refusal;
  }
  const why = errorsSeen.map(whyInWords).find((words) => words !== '') ?? 'its log says why';
  return new WorkerFailed(`The worker has failed: ${why.replace(/\.+$/, '')}.`);
}
