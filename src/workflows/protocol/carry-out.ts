import type { Ending } from './record.js';
import { restart } from './restart.js';
import { Cancelled, type RestartRun } from './run.js';
import { stopUntilDown } from './stop.js';
import { look } from './wait.js';

/** How long a stop on cancel goes on asking while ModelArts refuses it because nothing has moved. */
const CANCEL_PATIENCE_MS = 2 * 60_000;

/** How long a stop on cancel takes at the longest. A guess: nobody documents how long a job goes down. */
const CANCEL_LIMIT_MS = 10 * 60_000;

/** Carries the restart out. A cancellation ends it as `canceled`, once the job is left or stopped. */
export async function carryOut(run: RestartRun): Promise<Ending> {
  try {
    const ending = await restart(run);
    run.throwIfCancelled();
    return ending;
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    run.note('canceled');
    const { lastError } = run;
    if (run.options.onCancel === 'stop') await stopOnCancel(run);
    return { outcome: 'canceled', ...(lastError && { error: lastError }) };
  }
}

/** `onCancel: "stop"`: stops what this restart may have set going; nothing where it sent no request. */
async function stopOnCancel(run: RestartRun): Promise<void> {
  if (!run.asked) return;
  const { settleTimeMs } = run.options;
  run.beginStopOnCancel(run.hands.now() + CANCEL_LIMIT_MS + settleTimeMs);
  const seen = await look(run);
  if (seen.kind === 'read') run.saw(seen.reading);
  const { kind } =
    seen.kind === 'read'
      ? await stopUntilDown(run, Math.max(CANCEL_PATIENCE_MS, settleTimeMs))
      : seen;
  run.stoppedOnCancel = kind === 'down';
  run.note(run.stoppedOnCancel ? 'stopped on cancel' : `could not stop it: ${kind}`);
}
