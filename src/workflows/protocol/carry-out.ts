import type { ServiceError } from '../../domain/answer.js';
import { defined } from '../../domain/defined.js';
import type { Ending } from './record.js';
import { restart } from './restart.js';
import { Cancelled, type RestartRun } from './run.js';
import { stopUntilDown } from './prepare.js';
import { look } from './wait.js';

/** How long a stop on cancel is asked for again while ModelArts refuses it because the job has not moved. */
const CANCEL_PATIENCE_MS = 2 * 60_000;

/** How long a stop on cancel takes at most. A guess: ModelArts does not document how long a stop takes. */
const CANCEL_LIMIT_MS = 10 * 60_000;

/** Carries the restart out. A cancellation ends it as `canceled`, after the stop that `onCancel` may ask for. */
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
    return { outcome: 'canceled', ...defined({ error: reason }) };
  }
}

/**
 * `onCancel: "stop"`: stops the job, unless this restart has certainly not moved it.
 *
 * @returns why the job was not seen to go down
 */
async function stopOnCancel(run: RestartRun): Promise<ServiceError | undefined> {
  if (!run.restartMayBeTaken) return undefined;
  const { settleTimeMs } = run.options;
  run.beginStopOnCancel(run.hands.now() + CANCEL_LIMIT_MS + settleTimeMs);
  const seen = await look(run);
  const stopped =
    seen.kind === 'read'
      ? await stopUntilDown(run, Math.max(CANCEL_PATIENCE_MS, settleTimeMs))
      : seen;
  run.stoppedOnCancel = stopped.kind === 'down';
  run.note(run.stoppedOnCancel ? 'stopped on cancel' : `could not stop it: ${stopped.kind}`);
  return 'error' in stopped ? stopped.error : undefined;
}
