import { jobInId } from '../domain/ids.js';
import type { RestartOutcome } from '../domain/outcome.js';
import { BATCH_WORKFLOW } from '../names.js';

/** The input is invalid, and nothing was sent. `problems` lists every problem. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  constructor(readonly problems: readonly string[]) {
    super(`InvalidInput: ${problems.join('; ')}`);
  }
}

/** The restart's own failure: its `type` (ModelArts' code, or one of docs/failures.md), and its outcome. */
export class RestartError extends Error {
  override readonly name = 'RestartError';
  constructor(
    readonly type: string,
    message: string,
    readonly outcome?: RestartOutcome,
  ) {
    super(message);
  }
}

/** No worker takes the restart up. Either nothing was started, or the restart waits on its task queue. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
  constructor(
    readonly taskQueue: string,
    readonly workflowId: string,
    why: string,
    /** Whether a restart waits there for a worker. If not, nothing was started. */
    readonly waits = true,
  ) {
    const start = 'Start a worker there with "npm start" or "modelarts-restarter worker"';
    const isBatch = workflowId.startsWith('restarts:');
    const [kind, until] = isBatch ? ['batch', ''] : ['restart', ', until its timeout'];
    const word = jobInId(workflowId)?.jobId ?? `'${workflowId}'`;
    super(
      `No worker takes the ${kind} up: ${why}. ` +
        (waits
          ? `${workflowId} waits there, and goes on as soon as a worker listens${until}. ` +
            `${start}, or end it with "modelarts-restarter cancel ${word} --terminate".`
          : `Nothing was started. ${start}, or set TEMPORAL_TASK_QUEUE to the queue where one listens.`),
    );
  }
}

/** A worker has taken the restart up, but ModelArts has not answered yet. The restart goes on. */
export class NotAcceptedYetError extends Error {
  override readonly name = 'NotAcceptedYetError';
  constructor(
    readonly workflowId: string,
    waitedMs: number,
  ) {
    super(
      `ModelArts has not taken the restart within ${waitedMs / 1_000}s. ` +
        `It goes on as ${workflowId}: follow it, or cancel it.`,
    );
  }
}

/**
 * Temporal knows no restart under this id, or only ended ones although the call needs one under way; or
 * what it has under the id is no batch although the call is about one.
 */
export class RestartNotFoundError extends Error {
  override readonly name = 'RestartNotFoundError';
  constructor(
    readonly workflowId: string,
    which: 'any' | 'running' | 'batch',
  ) {
    if (which === 'batch') {
      super(`${workflowId} is no batch: a batch is a workflow of the type ${BATCH_WORKFLOW}.`);
      return;
    }
    const what = workflowId.startsWith('restarts:') ? 'batch of this name' : 'restart of this job';
    super(`${workflowId}: no ${what} is ${which === 'any' ? 'known' : 'under way'}.`);
  }
}

/** Temporal knows no schedule under this id, or one that starts something else. */
export class RestartScheduleNotFoundError extends Error {
  override readonly name = 'RestartScheduleNotFoundError';
  constructor(readonly scheduleId: string) {
    super(`${scheduleId}: there is no schedule of restarts with this id.`);
  }
}

/** Temporal did not answer. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';
  constructor(
    readonly address: string,
    why: string,
  ) {
    const todo = why.includes('TLS')
      ? 'Check TEMPORAL_ADDRESS and the TEMPORAL_TLS… settings.'
      : 'Start it, or set TEMPORAL_ADDRESS to where it listens.';
    super(`Temporal does not answer at ${address} (${why}). ${todo}`);
  }
}

/** Temporal refused the call: the namespace, the key or its rights are wrong. */
export class TemporalRefusedError extends Error {
  override readonly name = 'TemporalRefusedError';
  constructor(
    readonly address: string,
    readonly namespace: string,
    why: string,
  ) {
    super(
      `Temporal at ${address} refuses us in the namespace ${namespace} (${why}). ` +
        'Check TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and the TEMPORAL_TLS… settings.',
    );
  }
}
