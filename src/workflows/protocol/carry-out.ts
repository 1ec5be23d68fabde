import type { ServiceError } from '../../domain/answer.js';
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
    const why = run.options.onCancel === 'stop' ? await stopOnCancel(run) : undefined;
    const reason = why ?? run.lastError;
    return { outcome: 'canceled', ...(reason && { error: reason }) };
  }
}

/**
 * `onCancel: "stop"`: stops what this restart may have set going; nothing where it sent no request.
 *
 * @returns why the job could not be seen to be down
 */
async function stopOnCancel(run: RestartRun): Promise<ServiceError | undefined> {
  if (!run.asked) return undefined;
  const { settleTimeMs } = run.options;
  run.beginStopOnCancel(run.hands.now() + CANCEL_LIMIT_MS + settleTimeMs);
  const seen = await look(run);
  if (seen.kind === 'read') run.saw(seen.reading);
  const stopped =
    seen.kind === 'read'
      ? await stopUntilDown(run, Math.max(CANCEL_PATIENCE_MS, settleTimeMs))
      : seen;
  run.stoppedOnCancel = stopped.kind === 'down';
  run.note(run.stoppedOnCancel ? 'stopped on cancel' : `could not stop it: ${stopped.kind}`);
  return 'error' in stopped ? stopped.error : undefined;
}
