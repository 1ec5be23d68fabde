import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import { TASK_QUEUE } from './kit.js';
import type { Incident, Plan, PlannedStart } from './plan.js';

/** A call without an answer is repeated after this, because the server may have died with it. */
const CALL_LIMIT_MS = 10_000;
const CALL_AGAIN_MS = 300;
/** Longer than the server ever stays away. A call that still fails then is an error. */
const UNHEARD_MS = 120_000;

/** Starts, cancels and nudges restarts as planned. Repeats each call until Temporal takes it. */
export class Callers {
  /** Ids of the workflows that were started. */
  readonly started = new Set<string>();
  readonly #over = new AbortController();

  constructor(readonly client: Client) {}

  /** Makes all planned calls, and resolves once Temporal has taken them. */
  async call(plan: Plan): Promise<void> {
    const beganAt = Date.now();
    await Promise.all(plan.starts.map((start) => this.#startAndMeddle(start, beganAt)));
  }

  async #startAndMeddle(start: PlannedStart, beganAt: number): Promise<void> {
    await sleep(start.atMs);
    await this.#untilHeard(() => this.#start(start));
    this.started.add(start.workflowId);
    for (const incident of start.incidents) {
      const dueAt = beganAt + start.atMs + incident.afterMs;
      await sleep(Math.max(0, dueAt - Date.now()));
      await this.#untilHeard(() => this.#meddle(start, incident));
    }
  }

  async #start({ workflowId, input }: PlannedStart): Promise<void> {
    try {
      await this.client.workflow.start('restartVisualizationJob', {
        workflowId,
        taskQueue: TASK_QUEUE,
        args: [input],
      });
    } catch (error) {
      // An earlier call got through without an answer, or another caller was first.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  async #meddle({ workflowId, input }: PlannedStart, { kind }: Incident): Promise<void> {
    const handle = this.client.workflow.getHandle(workflowId);
    try {
      switch (kind) {
        case 'cancel':
          await handle.cancel();
          return;
        case 'checkNow':
          await handle.signal('checkNow');
          return;
        case 'extendDeadline': {
          // Nobody waits for the answer, which may take as long as the workers are away.
          const args: [unknown] = [{ timeout: input.timeout }];
          await handle.startUpdate('extendDeadline', { args, waitForStage: 'ACCEPTED' });
        }
      }
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  async #untilHeard(call: () => Promise<void>): Promise<void> {
    const firstAt = Date.now();
    while (!this.#over.signal.aborted) {
      try {
        await this.client.connection.withDeadline(Date.now() + CALL_LIMIT_MS, call);
        return;
      } catch (error) {
        if (Date.now() > firstAt + UNHEARD_MS) throw error;
        await sleep(CALL_AGAIN_MS);
      }
    }
  }

  /** Ends all calls. */
  close(): void {
    this.#over.abort();
  }
}
