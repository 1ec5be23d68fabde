import { NexusOperationFailure } from '@temporalio/common';
import {
  ApplicationFailure,
  CancelledFailure,
  createNexusServiceClient,
} from '@temporalio/workflow';
import {
  modelartsRestarts,
  type RestartInput,
  type RestartOutcome,
} from '../../src/nexus/service.js';

/** What a caller's `catch` gets. */
export interface Seen {
  error: string;
  endpoint?: string;
  service?: string;
  operation?: string;
  cause?: {
    error: string;
    message: string;
    type?: string | null;
    nonRetryable?: boolean | null;
    details?: unknown[] | null;
  };
}

type Input = RestartInput | string | number;

/** A workflow in somebody else's program: calls the operation and tells what came of it. */
export async function tellingCaller(
  endpoint: string,
  input: Input,
): Promise<{ outcome: RestartOutcome } | Seen> {
  const restarts = createNexusServiceClient({ endpoint, service: modelartsRestarts });
  try {
    return { outcome: await restarts.executeOperation('restartVisualizationJob', input) };
  } catch (error) {
    return seen(error);
  }
}

/** The same without a `catch`. */
export async function plainCaller(endpoint: string, input: Input): Promise<RestartOutcome> {
  const restarts = createNexusServiceClient({ endpoint, service: modelartsRestarts });
  return restarts.executeOperation('restartVisualizationJob', input);
}

function seen(error: unknown): Seen {
  if (!(error instanceof NexusOperationFailure)) throw error;
  const { name, endpoint, service, operation, cause } = error;
  return { error: name, endpoint, service, operation, ...(cause && { cause: asCause(cause) }) };
}

function asCause(cause: Error): NonNullable<Seen['cause']> {
  const { name, message } = cause;
  if (cause instanceof CancelledFailure) return { error: name, message };
  if (!(cause instanceof ApplicationFailure)) return { error: name, message };
  const { type, nonRetryable, details } = cause;
  return {
    error: name,
    message,
    ...(type !== undefined && { type }),
    ...(nonRetryable !== undefined && { nonRetryable }),
    ...(details !== undefined && { details }),
  };
}
