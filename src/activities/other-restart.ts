import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import {
  type Client,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { readFailure } from '../domain/failures.js';
import { isNexusRestart, RESTART_JOINED } from '../domain/ids.js';
import { orAborted } from '../domain/or-aborted.js';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import type { FollowedEnd, FollowInput, UpdateAnswer, UpdateInput } from './activities.js';
import { heartbeatWhile, STAY_BEAT_MS, workerStopping } from './heartbeat.js';

/** The type of Temporal's own failure of an update whose workflow was terminated or timed out. */
const ENDED_WITHOUT_ANSWER = 'AcceptedUpdateCompletedWorkflow';

/** What an attempt keeps for the next one: a later restart of the job is another one. */
interface FollowMemory {
  runId: string;
}

/** Stays until the restart has ended. Anything that Temporal's server may mend is thrown, and so repeated. */
export async function followRestart(
  client: Client,
  stopping: AbortSignal,
  { workflowId, runId }: FollowInput,
): Promise<FollowedEnd> {
  const before = Context.current().info.heartbeatDetails as FollowMemory | undefined;
  const known = runId ?? before?.runId;
  let handle = client.workflow.getHandle(workflowId, known);
  try {
    const description = await handle.describe();
    const memory: FollowMemory = { runId: description.runId };
    Context.current().heartbeat(memory);
    handle = client.workflow.getHandle(workflowId, memory.runId);
    if (runId === undefined) await tellStarter(client, description);
    const outcome: unknown = await stay(stopping, () => handle.result(), memory);
    return { kind: 'completed', outcome: outcome as RestartOutcome };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'lost', why: 'it is not there' };
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return canceledEnd(handle);
    if (!(cause instanceof ApplicationFailure)) {
      return { kind: 'lost', why: cause?.message ?? error.message };
    }
    return { kind: 'failed', ...readFailure(cause) };
  }
}

/** A Nexus caller that started the restart shares it from here on. */
async function tellStarter(
  client: Client,
  { parentExecution }: WorkflowExecutionDescription,
): Promise<void> {
  const starter = parentExecution?.workflowId ?? '';
  if (!isNexusRestart(starter)) return;
  try {
    await client.workflow.getHandle(starter).signal(RESTART_JOINED);
  } catch (error) {
    // It has left already, and what became of the restart is on its way.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** A canceled workflow has no result: its outcome is read by its query. */
async function canceledEnd(handle: WorkflowHandle): Promise<FollowedEnd> {
  const progress = await handle.query<RestartProgress>('progress');
  const { phase: _, restart: __, outcome = 'canceled', endedAt = '', ...rest } = progress;
  return { kind: 'canceled', outcome: { ...rest, outcome, endedAt } };
}

/** Passes an update on and stays until it is answered. */
export async function updateRestart(
  client: Client,
  stopping: AbortSignal,
  { workflowId, runId, update, args, updateId }: UpdateInput,
): Promise<UpdateAnswer> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    const result = await stay(stopping, () =>
      handle.executeUpdate(update, { args: args as [], updateId }),
    );
    return { kind: 'answered', result };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'lost' };
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    const isOwn = cause instanceof ApplicationFailure && cause.type !== ENDED_WITHOUT_ANSWER;
    if (!isOwn) return { kind: 'lost' };
    const { type, message } = readFailure(cause);
    return { kind: 'failed', type, message, details: cause.details ?? [] };
  }
}

/**
 * Waits for an answer of Temporal's, until the activity is cancelled or its worker stops.
 *
 * The call itself is left to end: a worker's connection can't abort one (SDK 1.24).
 */
async function stay<T>(
  stopping: AbortSignal,
  call: () => Promise<T>,
  memory?: FollowMemory,
): Promise<T> {
  const { cancelled } = Context.current();
  try {
    const ended = () => orAborted(Promise.race([call(), cancelled]), stopping);
    return await heartbeatWhile(ended, STAY_BEAT_MS, () => memory);
  } catch (error) {
    // The SDK cancels what runs when its worker stops: that is no cancellation of the activity.
    const stops = Context.current().cancellationDetails?.workerShutdown === true;
    if (!stops && !stopping.aborted) throw error;
    // The next attempt reads the memory from the last heartbeat.
    Context.current().heartbeat(memory);
    throw workerStopping();
  }
}
