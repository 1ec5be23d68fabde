import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';

const LOOK_MS = 250;

/**
 * From the end of all work on. A worker that has stopped takes leave of Temporal, for which the SDK
 * waits half a minute where Temporal does not answer; one that has failed logs why a moment later.
 */
const LEAVE_MS = 1_000;

/**
 * Runs a worker until it has stopped.
 *
 * The end of `run()` alone does not tell: where the worker fails, SDK 1.24 often stays in it for ever.
 *
 * @throws an error where the worker fails: its reason may stand in the log alone
 */
export async function runToEnd(worker: Worker): Promise<void> {
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
