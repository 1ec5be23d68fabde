import {
  ChildWorkflowFailure,
  NexusOperationFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import {
  ApplicationFailure,
  CancelledFailure,
  createNexusServiceClient,
  executeChild,
  type StartNexusOperationOptions,
} from '@temporalio/workflow';
import {
  type BatchInput,
  type BatchOutcome,
  modelartsRestarts,
  type RestartInput,
  type RestartOutcome,
} from '../../src/nexus/service.js';
import type { RestartWorkflow } from '../../src/workflows/messages.js';

type Input = RestartInput | string | number;

/** How the caller asks for the restart. */
export type Door =
  | { door: 'nexus'; endpoint: string; options?: Partial<StartNexusOperationOptions> }
  | { door: 'child'; taskQueue: string; workflowType?: string };

/** What a caller's `catch` gets. */
export interface Seen {
  error: string;
  endpoint?: string;
  service?: string;
  operation?: string;
  workflowType?: string | undefined;
  cause?: {
    error: string;
    message: string;
    type?: string | null | undefined;
    nonRetryable?: boolean | null | undefined;
    details?: unknown[] | null | undefined;
  };
}

/** A workflow in somebody else's program: asks for a restart and tells what came of it. */
export async function tellingCaller(
  door: Door,
  input: Input,
): Promise<{ outcome: RestartOutcome } | Seen> {
  try {
    return { outcome: await plainCaller(door, input) };
  } catch (error) {
    return seen(error);
  }
}

/** The same without a `catch`. */
export async function plainCaller(door: Door, input: Input): Promise<RestartOutcome> {
  if (door.door === 'child') {
    const { taskQueue, workflowType = 'restartVisualizationJob' } = door;
    return executeChild<RestartWorkflow>(workflowType, { taskQueue, args: [input] });
  }
  const { endpoint, options } = door;
  const restarts = createNexusServiceClient({ endpoint, service: modelartsRestarts });
  return restarts.executeOperation('restartVisualizationJob', input, options);
}

/** Asks for many restarts by Nexus, and tells what came of it. */
export async function batchCaller(
  { endpoint, options }: Door & { door: 'nexus' },
  input: BatchInput,
): Promise<{ outcome: BatchOutcome } | Seen> {
  const restarts = createNexusServiceClient({ endpoint, service: modelartsRestarts });
  try {
    const outcome = await restarts.executeOperation('restartVisualizationJobs', input, options);
    return { outcome };
  } catch (error) {
    return seen(error);
  }
}

function seen(error: unknown): Seen {
  if (error instanceof NexusOperationFailure) {
    const { name, endpoint, service, operation, cause } = error;
    return { error: name, endpoint, service, operation, ...(cause && { cause: asCause(cause) }) };
  }
  if (error instanceof ChildWorkflowFailure) {
    const { name, workflowType, cause } = error;
    return { error: name, workflowType, ...(cause && { cause: asCause(cause) }) };
  }
  throw error;
}

function asCause(cause: Error): NonNullable<Seen['cause']> {
  const { name, message } = cause;
  if (cause instanceof ApplicationFailure) {
    const { type, nonRetryable, details } = cause;
    return { error: name, message, type, nonRetryable, details };
  }
  const kinds = [CancelledFailure, TerminatedFailure, TimeoutFailure];
  if (kinds.some((kind) => cause instanceof kind)) return { error: name, message };
  throw cause;
}
